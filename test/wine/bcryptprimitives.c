/*
 * What programs made with Go ask of Windows 10 and older Wines lack, for test/windows.sh alone. It is put into the
 * test's own Wine folder as bcryptprimitives.dll, where there is none, and no part of any package:
 *
 *   - ProcessPrng, the source of random bytes without which no such program starts (later Wines have it);
 *   - WSAIoctl(SIO_UDP_NETRESET), without which Go's net package opens no UDP socket. Here it succeeds and does
 *     nothing, which is right: Wine never reports what the option turns off;
 *   - NtSetInformationFile(FileDispositionInformationEx), with which os.RemoveAll removes files. Here it is unknown
 *     instead of not implemented, so that Go takes FileDispositionInformation.
 *
 * The last two are done by pointing the exports at jumps to this library, before anybody asks for their addresses.
 */
#include <winsock2.h>
#include <windows.h>
#include <ntsecapi.h>
#include <winternl.h>
#include <string.h>

#define NETRESET 0x9800000fu /* SIO_UDP_NETRESET = IOC_IN | IOC_VENDOR | 15 */
#define DISPOSITION_EX 64    /* FileDispositionInformationEx */
#define NOT_IMPLEMENTED ((NTSTATUS)0xc0000002)
#define INVALID_INFO_CLASS ((NTSTATUS)0xc0000003)

typedef int(WSAAPI *ioctl_function)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
				    LPWSAOVERLAPPED_COMPLETION_ROUTINE);
static ioctl_function wines_ioctl;
typedef NTSTATUS(NTAPI *set_function)(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, ULONG);
static set_function wines_set;

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
	return RtlGenRandom(data, (ULONG)length);
}

static int WSAAPI lenient_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
				LPDWORD got, LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	int result = wines_ioctl(s, code, in, in_size, out, out_size, got, overlapped, done);

	if (result == SOCKET_ERROR && code == NETRESET && WSAGetLastError() == WSAEOPNOTSUPP) {
		if (got)
			*got = 0;
		WSASetLastError(0);
		return 0;
	}
	return result;
}

static NTSTATUS NTAPI lenient_set(HANDLE file, PIO_STATUS_BLOCK status, PVOID data, ULONG length, ULONG class)
{
	NTSTATUS result = wines_set(file, status, data, length, class);

	return class == DISPOSITION_EX && result == NOT_IMPLEMENTED ? INVALID_INFO_CLASS : result;
}

/* jump_near writes a jump to target where a 32-bit distance from base reaches it; NULL where there is no room. */
static BYTE *jump_near(BYTE *base, void *target)
{
	static const BYTE jump[] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp [rip]: the address follows */
	DWORD_PTR distance;
	BYTE *page;

	for (distance = 1 << 24; distance < 0x70000000; distance += 1 << 16) {
		page = VirtualAlloc(base + distance, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
		if (page) {
			memcpy(page, jump, sizeof jump);
			memcpy(page + sizeof jump, &target, sizeof target);
			return page;
		}
	}
	return NULL;
}

/* export_instead makes the named export of the module that starts at base mean target from now on. */
static void export_instead(BYTE *base, const char *name, void *target)
{
	IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
	IMAGE_EXPORT_DIRECTORY *exports = (IMAGE_EXPORT_DIRECTORY *)(base +
		headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress);
	DWORD *names = (DWORD *)(base + exports->AddressOfNames);
	DWORD *functions = (DWORD *)(base + exports->AddressOfFunctions);
	WORD *ordinals = (WORD *)(base + exports->AddressOfNameOrdinals);
	BYTE *jump = jump_near(base, target);
	DWORD i, was;

	for (i = 0; jump && i < exports->NumberOfNames; i++) {
		DWORD *function = functions + ordinals[i];

		if (strcmp((char *)base + names[i], name) != 0)
			continue;
		if (VirtualProtect(function, sizeof *function, PAGE_READWRITE, &was)) {
			*function = (DWORD)(jump - base);
			VirtualProtect(function, sizeof *function, was, &was);
		}
	}
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
	HMODULE sockets, system;

	(void)self;
	(void)reserved;
	if (reason != DLL_PROCESS_ATTACH)
		return TRUE;
	if ((sockets = GetModuleHandleA("ws2_32.dll")) != NULL) {
		wines_ioctl = (ioctl_function)(void *)GetProcAddress(sockets, "WSAIoctl");
		if (wines_ioctl)
			export_instead((BYTE *)sockets, "WSAIoctl", (void *)lenient_ioctl);
	}
	if ((system = GetModuleHandleA("ntdll.dll")) != NULL) {
		wines_set = (set_function)(void *)GetProcAddress(system, "NtSetInformationFile");
		if (wines_set)
			export_instead((BYTE *)system, "NtSetInformationFile", (void *)lenient_set);
	}
	return TRUE;
}
