package sessions

import "golang.org/x/sys/windows"

// underWine reports whether Windows is Wine, whose ntdll.dll says so.
func underWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}
