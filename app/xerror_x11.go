//go:build linux && cgo

package app

// #cgo LDFLAGS: -lX11
// #include <X11/Xlib.h>
// #include <X11/Xproto.h>
//
// static int (*before)(Display *, XErrorEvent *);
//
// static int survive(Display *d, XErrorEvent *e) {
// 	if (e->error_code == BadWindow && (e->request_code == X_ChangeProperty || e->request_code == X_SendEvent))
// 		return 0;
// 	return before(d, e);
// }
//
// static void surviveAskers(void) { before = XSetErrorHandler(survive); }
import "C"

// surviveAskers keeps a program that asks for the clipboard, and has gone before
// it is answered, from ending this one: the answer goes to a window that is no
// more, and Xlib ends whoever has nothing to say to that. GLFW has not. It is
// called once, before there is a window.
func surviveAskers() { C.surviveAskers() }
