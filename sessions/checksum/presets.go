package checksum

import (
	"strings"
	"sync"
)

// presets holds every algorithm in the order it is shown: CRCs by width with
// the usual ones of a width first, then the rest. The CRCs are those of Greg
// Cook's catalogue from 8 to 64 bits, by the name most people know; the others
// of its names are aliases. A new preset is one line here.
var presets = sync.OnceValue(func() []Algorithm {
	return []Algorithm{
		crcAlgorithm("CRC-8", Parameters{8, 0x07, 0, false, false, 0}, "CRC-8/SMBUS"),
		crcAlgorithm("CRC-8/MAXIM", Parameters{8, 0x31, 0, true, true, 0}, "CRC-8/MAXIM-DOW", "DOW-CRC", "1-Wire"),
		crcAlgorithm("CRC-8/ITU", Parameters{8, 0x07, 0, false, false, 0x55}, "CRC-8/I-432-1", "CRC-8/ATM-HEC"),
		crcAlgorithm("CRC-8/ROHC", Parameters{8, 0x07, 0xff, true, true, 0}),
		crcAlgorithm("CRC-8/DVB-S2", Parameters{8, 0xd5, 0, false, false, 0}),
		crcAlgorithm("CRC-8/SAE-J1850", Parameters{8, 0x1d, 0xff, false, false, 0xff}),
		crcAlgorithm("CRC-8/AUTOSAR", Parameters{8, 0x2f, 0xff, false, false, 0xff}),
		crcAlgorithm("CRC-8/BLUETOOTH", Parameters{8, 0xa7, 0, true, true, 0}),
		crcAlgorithm("CRC-8/CDMA2000", Parameters{8, 0x9b, 0xff, false, false, 0}),
		crcAlgorithm("CRC-8/DARC", Parameters{8, 0x39, 0, true, true, 0}),
		crcAlgorithm("CRC-8/GSM-A", Parameters{8, 0x1d, 0, false, false, 0}),
		crcAlgorithm("CRC-8/GSM-B", Parameters{8, 0x49, 0, false, false, 0xff}),
		crcAlgorithm("CRC-8/HITAG", Parameters{8, 0x1d, 0xff, false, false, 0}),
		crcAlgorithm("CRC-8/I-CODE", Parameters{8, 0x1d, 0xfd, false, false, 0}),
		crcAlgorithm("CRC-8/LTE", Parameters{8, 0x9b, 0, false, false, 0}),
		crcAlgorithm("CRC-8/MIFARE-MAD", Parameters{8, 0x1d, 0xc7, false, false, 0}),
		crcAlgorithm("CRC-8/NRSC-5", Parameters{8, 0x31, 0xff, false, false, 0}),
		crcAlgorithm("CRC-8/OPENSAFETY", Parameters{8, 0x2f, 0, false, false, 0}),
		crcAlgorithm("CRC-8/TECH-3250", Parameters{8, 0x1d, 0xff, true, true, 0}, "CRC-8/EBU", "CRC-8/AES"),
		crcAlgorithm("CRC-8/WCDMA", Parameters{8, 0x9b, 0, true, true, 0}),
		crcAlgorithm("CRC-10/ATM", Parameters{10, 0x233, 0, false, false, 0}, "CRC-10", "CRC-10/I-610"),
		crcAlgorithm("CRC-10/CDMA2000", Parameters{10, 0x3d9, 0x3ff, false, false, 0}),
		crcAlgorithm("CRC-10/GSM", Parameters{10, 0x175, 0, false, false, 0x3ff}),
		crcAlgorithm("CRC-11/FLEXRAY", Parameters{11, 0x385, 0x01a, false, false, 0}, "CRC-11"),
		crcAlgorithm("CRC-11/UMTS", Parameters{11, 0x307, 0, false, false, 0}),
		crcAlgorithm("CRC-12/CDMA2000", Parameters{12, 0xf13, 0xfff, false, false, 0}),
		crcAlgorithm("CRC-12/DECT", Parameters{12, 0x80f, 0, false, false, 0}, "X-CRC-12"),
		crcAlgorithm("CRC-12/GSM", Parameters{12, 0xd31, 0, false, false, 0xfff}),
		crcAlgorithm("CRC-12/UMTS", Parameters{12, 0x80f, 0, false, true, 0}, "CRC-12/3GPP"),
		crcAlgorithm("CRC-13/BBC", Parameters{13, 0x1cf5, 0, false, false, 0}),
		crcAlgorithm("CRC-14/DARC", Parameters{14, 0x0805, 0, true, true, 0}),
		crcAlgorithm("CRC-14/GSM", Parameters{14, 0x202d, 0, false, false, 0x3fff}),
		crcAlgorithm("CRC-15/CAN", Parameters{15, 0x4599, 0, false, false, 0}, "CRC-15"),
		crcAlgorithm("CRC-15/MPT1327", Parameters{15, 0x6815, 0, false, false, 0x0001}),
		crcAlgorithm("CRC-16/ARC", Parameters{16, 0x8005, 0, true, true, 0}, "CRC-16", "CRC-16/LHA", "CRC-IBM"),
		crcAlgorithm("CRC-16/MODBUS", Parameters{16, 0x8005, 0xffff, true, true, 0}),
		crcAlgorithm("CRC-16/IBM-3740", Parameters{16, 0x1021, 0xffff, false, false, 0}, "CRC-16/CCITT-FALSE", "CRC-16/AUTOSAR"),
		crcAlgorithm("CRC-16/XMODEM", Parameters{16, 0x1021, 0, false, false, 0}, "CRC-16/ACORN", "CRC-16/LTE", "CRC-16/V-41-MSB", "ZMODEM"),
		crcAlgorithm("CRC-16/KERMIT", Parameters{16, 0x1021, 0, true, true, 0}, "CRC-16/CCITT", "CRC-CCITT", "CRC-16/CCITT-TRUE", "CRC-16/BLUETOOTH", "CRC-16/V-41-LSB"),
		crcAlgorithm("CRC-16/X-25", Parameters{16, 0x1021, 0xffff, true, true, 0xffff}, "CRC-16/IBM-SDLC", "CRC-16/ISO-HDLC", "CRC-16/ISO-IEC-14443-3-B", "CRC-B", "X-25"),
		crcAlgorithm("CRC-16/USB", Parameters{16, 0x8005, 0xffff, true, true, 0xffff}),
		crcAlgorithm("CRC-16/DNP", Parameters{16, 0x3d65, 0, true, true, 0xffff}),
		crcAlgorithm("CRC-16/AUG-CCITT", Parameters{16, 0x1021, 0x1d0f, false, false, 0}, "CRC-16/SPI-FUJITSU"),
		crcAlgorithm("CRC-16/GENIBUS", Parameters{16, 0x1021, 0xffff, false, false, 0xffff}, "CRC-16/DARC", "CRC-16/EPC", "CRC-16/EPC-C1G2", "CRC-16/I-CODE"),
		crcAlgorithm("CRC-16/UMTS", Parameters{16, 0x8005, 0, false, false, 0}, "CRC-16/BUYPASS", "CRC-16/VERIFONE"),
		crcAlgorithm("CRC-16/CMS", Parameters{16, 0x8005, 0xffff, false, false, 0}),
		crcAlgorithm("CRC-16/MAXIM", Parameters{16, 0x8005, 0, true, true, 0xffff}, "CRC-16/MAXIM-DOW"),
		crcAlgorithm("CRC-16/MCRF4XX", Parameters{16, 0x1021, 0xffff, true, true, 0}),
		crcAlgorithm("CRC-16/CDMA2000", Parameters{16, 0xc867, 0xffff, false, false, 0}),
		crcAlgorithm("CRC-16/DDS-110", Parameters{16, 0x8005, 0x800d, false, false, 0}),
		crcAlgorithm("CRC-16/DECT-R", Parameters{16, 0x0589, 0, false, false, 0x0001}, "R-CRC-16"),
		crcAlgorithm("CRC-16/DECT-X", Parameters{16, 0x0589, 0, false, false, 0}, "X-CRC-16"),
		crcAlgorithm("CRC-16/EN-13757", Parameters{16, 0x3d65, 0, false, false, 0xffff}),
		crcAlgorithm("CRC-16/GSM", Parameters{16, 0x1021, 0, false, false, 0xffff}),
		crcAlgorithm("CRC-16/ISO-IEC-14443-3-A", Parameters{16, 0x1021, 0xc6c6, true, true, 0}, "CRC-A"),
		crcAlgorithm("CRC-16/LJ1200", Parameters{16, 0x6f63, 0, false, false, 0}),
		crcAlgorithm("CRC-16/M17", Parameters{16, 0x5935, 0xffff, false, false, 0}),
		crcAlgorithm("CRC-16/NRSC-5", Parameters{16, 0x080b, 0xffff, true, true, 0}),
		crcAlgorithm("CRC-16/OPENSAFETY-A", Parameters{16, 0x5935, 0, false, false, 0}),
		crcAlgorithm("CRC-16/OPENSAFETY-B", Parameters{16, 0x755b, 0, false, false, 0}),
		crcAlgorithm("CRC-16/PROFIBUS", Parameters{16, 0x1dcf, 0xffff, false, false, 0xffff}, "CRC-16/IEC-61158-2"),
		crcAlgorithm("CRC-16/RIELLO", Parameters{16, 0x1021, 0xb2aa, true, true, 0}),
		crcAlgorithm("CRC-16/T10-DIF", Parameters{16, 0x8bb7, 0, false, false, 0}),
		crcAlgorithm("CRC-16/TELEDISK", Parameters{16, 0xa097, 0, false, false, 0}),
		crcAlgorithm("CRC-16/TMS37157", Parameters{16, 0x1021, 0x89ec, true, true, 0}),
		crcAlgorithm("CRC-17/CAN-FD", Parameters{17, 0x1685b, 0, false, false, 0}),
		crcAlgorithm("CRC-21/CAN-FD", Parameters{21, 0x102899, 0, false, false, 0}),
		crcAlgorithm("CRC-24/OPENPGP", Parameters{24, 0x864cfb, 0xb704ce, false, false, 0}, "CRC-24"),
		crcAlgorithm("CRC-24/BLE", Parameters{24, 0x00065b, 0x555555, true, true, 0}),
		crcAlgorithm("CRC-24/FLEXRAY-A", Parameters{24, 0x5d6dcb, 0xfedcba, false, false, 0}),
		crcAlgorithm("CRC-24/FLEXRAY-B", Parameters{24, 0x5d6dcb, 0xabcdef, false, false, 0}),
		crcAlgorithm("CRC-24/INTERLAKEN", Parameters{24, 0x328b63, 0xffffff, false, false, 0xffffff}),
		crcAlgorithm("CRC-24/LTE-A", Parameters{24, 0x864cfb, 0, false, false, 0}),
		crcAlgorithm("CRC-24/LTE-B", Parameters{24, 0x800063, 0, false, false, 0}),
		crcAlgorithm("CRC-24/OS-9", Parameters{24, 0x800063, 0xffffff, false, false, 0xffffff}),
		crcAlgorithm("CRC-30/CDMA", Parameters{30, 0x2030b9c7, 0x3fffffff, false, false, 0x3fffffff}),
		crcAlgorithm("CRC-31/PHILIPS", Parameters{31, 0x04c11db7, 0x7fffffff, false, false, 0x7fffffff}),
		crcAlgorithm("CRC-32", Parameters{32, 0x04c11db7, 0xffffffff, true, true, 0xffffffff}, "CRC-32/ISO-HDLC", "CRC-32/ADCCP", "CRC-32/V-42", "CRC-32/XZ", "PKZIP"),
		crcAlgorithm("CRC-32C", Parameters{32, 0x1edc6f41, 0xffffffff, true, true, 0xffffffff}, "CRC-32/ISCSI", "CRC-32/CASTAGNOLI", "CRC-32/INTERLAKEN", "CRC-32/NVME"),
		crcAlgorithm("CRC-32/BZIP2", Parameters{32, 0x04c11db7, 0xffffffff, false, false, 0xffffffff}, "CRC-32/AAL5", "CRC-32/DECT-B", "B-CRC-32"),
		crcAlgorithm("CRC-32/MPEG-2", Parameters{32, 0x04c11db7, 0xffffffff, false, false, 0}),
		crcAlgorithm("CRC-32/CKSUM", Parameters{32, 0x04c11db7, 0, false, false, 0xffffffff}, "CRC-32/POSIX"),
		crcAlgorithm("CRC-32/JAMCRC", Parameters{32, 0x04c11db7, 0xffffffff, true, true, 0}),
		crcAlgorithm("CRC-32Q", Parameters{32, 0x814141ab, 0, false, false, 0}, "CRC-32/AIXM"),
		crcAlgorithm("CRC-32/AUTOSAR", Parameters{32, 0xf4acfb13, 0xffffffff, true, true, 0xffffffff}),
		crcAlgorithm("CRC-32D", Parameters{32, 0xa833982b, 0xffffffff, true, true, 0xffffffff}, "CRC-32/BASE91-D"),
		crcAlgorithm("CRC-32/CD-ROM-EDC", Parameters{32, 0x8001801b, 0, true, true, 0}),
		crcAlgorithm("CRC-32/MEF", Parameters{32, 0x741b8cd7, 0xffffffff, true, true, 0}),
		crcAlgorithm("CRC-32/XFER", Parameters{32, 0x000000af, 0, false, false, 0}),
		crcAlgorithm("CRC-40/GSM", Parameters{40, 0x0004820009, 0, false, false, 0xffffffffff}),
		crcAlgorithm("CRC-64/XZ", Parameters{64, 0x42f0e1eba9ea3693, 0xffffffffffffffff, true, true, 0xffffffffffffffff}, "CRC-64/GO-ECMA"),
		crcAlgorithm("CRC-64/ECMA-182", Parameters{64, 0x42f0e1eba9ea3693, 0, false, false, 0}, "CRC-64"),
		crcAlgorithm("CRC-64/GO-ISO", Parameters{64, 0x000000000000001b, 0xffffffffffffffff, true, true, 0xffffffffffffffff}),
		crcAlgorithm("CRC-64/WE", Parameters{64, 0x42f0e1eba9ea3693, 0xffffffffffffffff, false, false, 0xffffffffffffffff}),
		crcAlgorithm("CRC-64/MS", Parameters{64, 0x259c84cba6426349, 0xffffffffffffffff, true, true, 0}),
		crcAlgorithm("CRC-64/NVME", Parameters{64, 0xad93d23594c93659, 0xffffffffffffffff, true, true, 0xffffffffffffffff}),
		crcAlgorithm("CRC-64/REDIS", Parameters{64, 0xad93d23594c935a9, 0, true, true, 0}, "CRC-64/JONES"),

		simple("Adler-32", 32, newAdler),
		simple("Fletcher-16", 16, newFletcher16),
		simple("Fletcher-32", 32, newFletcher32),
		simple("sum8", 8, newSum(8, false)),
		simple("sum16", 16, newSum(16, false)),
		simple("sum32", 32, newSum(32, false)),
		simple("LRC", 8, newSum(8, true), "sum8, two's complement"),
		simple("XOR8", 8, newXOR8, "BCC"),
		simple("Internet", 16, newInternet, "IP", "RFC 1071"),
		simple("BSD sum", 16, newBSD),
	}
})

// byID finds presets by the ID of their names and aliases.
var byID = sync.OnceValue(func() map[string]Algorithm {
	m := make(map[string]Algorithm)
	for _, a := range presets() {
		m[a.ID] = a
		for _, alias := range a.Aliases {
			m[idOf(alias)] = a
		}
	}
	return m
})

// idOf makes an ID of a name: lower case, with a dash for a space.
func idOf(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", "-")
}
