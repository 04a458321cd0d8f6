import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { createWebHistory } from 'vue-router'
import App from './App.vue'
import './lib/styles/tokens.css'
import './lib/styles/base.css'
import './lib/styles/frame.css'
import { makeRouter } from './router'
import { useOutbox } from './stores/outbox'
import { useRelease } from './stores/release'
import { useSession } from './stores/session'

const app = createApp(App).use(createPinia())
// Who is here and what waits decides what a page may show: it is known from the device, before anything is drawn.
await useSession().start()
await useOutbox().start()
const router = makeRouter(createWebHistory())
app.use(router)
// Until then index.html shows that it is loading. A page that does not come is the router's to tell.
await router.isReady().catch(() => undefined)
app.mount('#app')
void useRelease().start()
