import { nextTick } from 'vue'
import { createRouter, type Router, type RouterHistory } from 'vue-router'
import NotFoundPage from './routes/not-found/NotFoundPage.vue'
import SailsPage from './routes/sails/SailsPage.vue'
import SignInPage from './routes/sign-in/SignInPage.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** What the browser's tab says before the name of the application. */
    title: string
  }
}

/** The pages. None is loaded lazily: together they are small, and a release that replaces files never breaks a visit. */
export function makeRouter(history: RouterHistory): Router {
  const router = createRouter({
    history,
    routes: [
      { path: '/', component: SailsPage, meta: { title: 'Upcoming sails' } },
      { path: '/sign-in', component: SignInPage, meta: { title: 'Sign in' } },
      { path: '/:path(.*)*', component: NotFoundPage, meta: { title: 'Page not found' } },
    ],
    scrollBehavior: (to, _from, saved) => saved ?? (to.hash ? false : { top: 0 }),
  })

  router.afterEach(async (to, from) => {
    document.title = `${to.meta.title} – Ship Captain Crew`
    // After a change of page the reader stands at its heading, as after loading a document.
    if (from.matched.length === 0 || to.path === from.path) return
    await nextTick()
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
  })
  return router
}
