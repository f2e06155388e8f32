// Keeps GTK from starting in the process that has the window.
//
// The dialog library calls gtk_init_check when its Go package is initialised,
// before any Go code of ours can run: it would connect to the display and load
// themes, modules and settings at every start, and bring a second toolkit into
// the window's process, mostly for a dialog that is never opened. A constructor
// runs before the Go runtime does. With no backend allowed, gtk_init_check
// fails at once, without touching the display or the environment, and the
// library answers as it does where there is no GTK. The child that shows a
// dialog carries the variable, and there GTK starts as ever.

#include <stdlib.h>
#include <gdk/gdk.h>

#include "gtk_linux.h"

__attribute__((constructor)) static void leave_gtk_asleep(void) {
	if (getenv(CHILD_VARIABLE) == NULL) {
		gdk_set_allowed_backends("none");
	}
}
