import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { createWebHistory } from 'vue-router'
import App from './App.vue'
import './lib/styles/tokens.css'
import './lib/styles/base.css'
import { makeRouter } from './router'
import { useOutbox } from './stores/outbox'
import { useRelease } from './stores/release'
import { useSession } from './stores/session'

const app = createApp(App).use(createPinia())
// Who is here decides what a page may show: it is known from the device, before anything is drawn.
await useSession().start()
app.use(makeRouter(createWebHistory())).mount('#app')
void useOutbox().start()
void useRelease().start()
