import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** Whether the device believes it has a connection. False is certain; true only means that it is worth trying. */
export function useOnline(): Readonly<Ref<boolean>> {
  const online = ref(navigator.onLine)
  const look = () => {
    online.value = navigator.onLine
  }
  window.addEventListener('online', look)
  window.addEventListener('offline', look)
  onScopeDispose(() => {
    window.removeEventListener('online', look)
    window.removeEventListener('offline', look)
  })
  return readonly(online)
}
