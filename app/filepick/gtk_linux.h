// The environment variable that makes a process show one file dialog.
#define CHILD_VARIABLE "WIREBENCH_FILE_DIALOG"
