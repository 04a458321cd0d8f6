import { createRouter, type RouteLocationNormalized, type RouteRecordRaw, type Router, type RouterHistory } from 'vue-router'
import { onLatePage } from './latePage'
import { standAt } from './lib/ui/standAt'
import NotFoundPage from './routes/not-found/NotFoundPage.vue'
import SignInPage from './routes/sign-in/SignInPage.vue'
import { tokenOf } from './routes/sign-in/token'
import { useSession } from './stores/session'

/** Who a page is for. The server decides again with each request. */
type Audience = 'anybody' | 'crew' | 'admin'

declare module 'vue-router' {
  interface RouteMeta {
    /** What the browser's tab says before the name of the application. */
    title: string
    /** Absent: anybody. */
    audience?: Audience
  }
}

/** The sign-in is part of the first file; everything else is loaded when it is needed, and kept by the service worker. */
const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./routes/sails/SailsPage.vue'), meta: { title: 'Sails' } },
  { path: '/sign-in', component: SignInPage, meta: { title: 'Sign in' } },
  {
    path: '/waiver',
    component: () => import('./routes/waiver/GuestWaiverPage.vue'),
    meta: { title: 'Waiver' },
  },
  {
    path: '/sails/new',
    component: () => import('./routes/plan/NewSailPage.vue'),
    meta: { title: 'Plan a sail', audience: 'admin' },
  },
  {
    path: '/sails/:id',
    component: () => import('./routes/sail/SailPage.vue'),
    meta: { title: 'Sail', audience: 'crew' },
    props: true,
    children: [
      { path: '', component: () => import('./routes/sail/OverviewTab.vue'), meta: { title: 'Sail', audience: 'crew' } },
      {
        path: 'checklist',
        component: () => import('./routes/sail/ChecklistTab.vue'),
        meta: { title: 'Checklist', audience: 'crew' },
      },
      {
        path: 'guests',
        component: () => import('./routes/sail/GuestsTab.vue'),
        meta: { title: 'Guests', audience: 'crew' },
      },
      {
        path: 'history',
        component: () => import('./routes/sail/HistoryTab.vue'),
        meta: { title: 'History', audience: 'admin' },
      },
    ],
  },
  {
    path: '/sails/:id/edit',
    component: () => import('./routes/plan/EditSailPage.vue'),
    meta: { title: 'Edit a sail', audience: 'admin' },
    props: true,
  },
  {
    path: '/sails/:id/checklist/edit',
    component: () => import('./routes/checklist/EditChecklistPage.vue'),
    meta: { title: 'Edit the checklist', audience: 'crew' },
    props: true,
  },
  {
    path: '/sails/:id/waiver',
    component: () => import('./routes/waiver/CrewWaiverPage.vue'),
    meta: { title: 'Your waiver', audience: 'crew' },
    props: true,
  },
  {
    path: '/office',
    component: () => import('./routes/office/OfficePage.vue'),
    meta: { title: 'Office', audience: 'admin' },
    children: [
      { path: '', redirect: '/office/holds' },
      {
        path: 'holds',
        component: () => import('./routes/office/HoldsTab.vue'),
        meta: { title: 'Waivers on hold', audience: 'admin' },
      },
      {
        path: 'people',
        component: () => import('./routes/office/PeopleTab.vue'),
        meta: { title: 'People', audience: 'admin' },
      },
      {
        path: 'mail',
        component: () => import('./routes/office/MailTab.vue'),
        meta: { title: 'Mails that may not have gone out', audience: 'admin' },
      },
    ],
  },
  {
    path: '/office/holds/:event/:waiver',
    component: () => import('./routes/office/HoldPage.vue'),
    meta: { title: 'A waiver', audience: 'admin' },
    props: true,
  },
  {
    path: '/office/people/:id',
    component: () => import('./routes/office/PersonPage.vue'),
    meta: { title: 'Person', audience: 'admin' },
    props: true,
  },
  {
    path: '/reports/:report/:day/:invocation',
    component: () => import('./routes/report/ReportPage.vue'),
    meta: { title: 'Report', audience: 'admin' },
    props: true,
  },
  {
    path: '/account',
    component: () => import('./routes/account/AccountPage.vue'),
    meta: { title: 'Your account', audience: 'crew' },
  },
  { path: '/:path(.*)*', component: NotFoundPage, meta: { title: 'Page not found' } },
]

export function makeRouter(history: RouterHistory): Router {
  const router = createRouter({
    history,
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.hash || sameSail(to, from) ? false : { top: 0 }),
  })
  router.beforeEach(admit)
  router.onError((cause, to) => onLatePage(cause, to.fullPath))
  router.afterEach(async (to, from) => {
    document.title = `${to.meta.title} – Ship Captain Crew`
    // After a change of page the reader stands at its heading, as after loading a document.
    if (from.matched.length === 0 || to.path === from.path) return
    await standAt()
  })
  return router
}

/** Takes a link's token out of the address, and leads whoever is signed out to the sign-in, and back. A page that is for others answers as the server does. */
async function admit(to: RouteLocationNormalized) {
  const session = useSession()
  const token = to.path === '/sign-in' ? tokenOf(to.hash) : null
  if (token !== null) {
    session.arrival = token
    return { path: to.path, query: to.query, replace: true }
  }
  const audience = to.meta.audience ?? 'anybody'
  if (audience === 'anybody') return true
  // Before the first look at this device; and a browser that forgot everything but its cookie.
  if (session.person === null) await session.confirm()
  if (session.person === null) return { path: '/sign-in', query: { next: to.fullPath } }
  return audience === 'crew' || session.isAdmin ? true : { path: '/' }
}

function sameSail(to: RouteLocationNormalized, from: RouteLocationNormalized): boolean {
  return to.params.id !== undefined && to.params.id === from.params.id && to.matched[0] === from.matched[0]
}
