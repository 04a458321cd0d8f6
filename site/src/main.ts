import { createApp } from 'vue'
import { createWebHistory } from 'vue-router'
import App from './App.vue'
import './lib/styles/tokens.css'
import './lib/styles/base.css'
import { makeRouter } from './router'

createApp(App).use(makeRouter(createWebHistory())).mount('#app')
