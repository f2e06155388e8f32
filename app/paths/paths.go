// Package paths says where Wirebench keeps what outlives a run.
package paths

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// StateDir returns the folder for state that belongs to this user and this
// machine, and makes it, readable by the user alone:
// $XDG_STATE_HOME/wirebench or ~/.local/state/wirebench on Linux and other
// Unix systems, ~/Library/Application Support/Wirebench on macOS,
// %LocalAppData%\Wirebench on Windows.
func StateDir() (string, error) {
	dir, err := stateDir(runtime.GOOS, os.Getenv, os.UserHomeDir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the state folder: %w", err)
	}
	return dir, nil
}

// CaptureDir returns the folder for captures, below [StateDir]. It is made with
// the first capture.
func CaptureDir() (string, error) {
	dir, err := StateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "captures"), nil
}

// MessagesDir returns the folder for saved messages, below [StateDir]. It is made
// with the first collection.
func MessagesDir() (string, error) {
	dir, err := StateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "messages"), nil
}

func stateDir(system string, env func(string) string, home func() (string, error)) (string, error) {
	switch system {
	case "windows":
		if d := env("LocalAppData"); d != "" {
			return filepath.Join(d, "Wirebench"), nil
		}
		return "", errors.New("find the state folder: %LocalAppData% is not set")
	case "darwin":
		h, err := home()
		if err != nil {
			return "", fmt.Errorf("find the state folder: %w", err)
		}
		return filepath.Join(h, "Library", "Application Support", "Wirebench"), nil
	}
	// The XDG specification has relative paths ignored.
	if d := env("XDG_STATE_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "wirebench"), nil
	}
	h, err := home()
	if err != nil {
		return "", fmt.Errorf("find the state folder: %w", err)
	}
	return filepath.Join(h, ".local", "state", "wirebench"), nil
}

// TestCADir returns the folder of the local test CA, below [StateDir]. It is
// made when the CA is first needed.
func TestCADir() (string, error) {
	dir, err := StateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "testca"), nil
}

// LanguageDir returns the folder in which translations are looked for,
// languages below Wirebench's folder in the user's configuration:
// $XDG_CONFIG_HOME/wirebench or ~/.config/wirebench on Linux and other Unix
// systems, ~/Library/Application Support/Wirebench on macOS,
// %AppData%\Wirebench on Windows. It is not made.
func LanguageDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for translations: %w", err)
	}
	name := "wirebench"
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		name = "Wirebench"
	}
	return filepath.Join(dir, name, "languages"), nil
}
