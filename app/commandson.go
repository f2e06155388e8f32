package app

// Most actions work on the visible tab. Each looks it up when it runs, because
// tabs come and go.

// on has f work on the visible tab, if it is a T.
func on[T any](w *workbench, f func(T)) func() {
	return func() {
		if t, ok := w.strip.current.(T); ok {
			f(t)
		}
	}
}

// when reports what f does of the visible tab; of one that is no T, false.
func when[T any](w *workbench, f func(T) bool) func() bool {
	return func() bool {
		t, ok := w.strip.current.(T)
		return ok && f(t)
	}
}

// is reports whether the visible tab is a T.
func is[T any](w *workbench) func() bool { return when(w, func(T) bool { return true }) }

// A streamTab is one whose connections can be ended, from our side or at once.
type streamTab interface {
	canHalfClose() bool
	halfClose()
	canReset() bool
	reset()
}

// A listTab is one with a list of those whom its session talks to.
type listTab interface{ pane() pane }

var (
	_ streamTab = (*clientTab)(nil)
	_ streamTab = (*serverTab)(nil)
	_ listTab   = (*serverTab)(nil)
	_ listTab   = (*udpTab)(nil)
)

func (w *workbench) hasTab() bool  { return w.strip.current != nil }
func (w *workbench) hasTabs() bool { return len(w.strip.tabs) > 1 }
func (w *workbench) hasDesk() bool { return is[deskTab](w)() }

// hasBytes reports whether anything was captured.
func (w *workbench) hasBytes() bool {
	v := w.view()
	return v != nil && v.log.Stats().Last > 0
}

// view is the traffic of the visible tab, nil where there is none.
func (w *workbench) view() *trafficView {
	if t := w.strip.current; t != nil {
		return t.view()
	}
	return nil
}

func (w *workbench) hasView() bool { return w.view() != nil }

func (w *workbench) onView(f func(*trafficView)) func() {
	return func() {
		if v := w.view(); v != nil {
			f(v)
		}
	}
}

func (w *workbench) whenView(f func(*trafficView) bool) func() bool {
	return func() bool {
		v := w.view()
		return v != nil && f(v)
	}
}

func (w *workbench) onDesk(f func(*desk)) func() {
	return on(w, func(t deskTab) { f(t.theDesk()) })
}

func (w *workbench) whenDesk(f func(*desk) bool) func() bool {
	return when(w, func(t deskTab) bool { return f(t.theDesk()) })
}
