package fields_test

import (
	"fmt"

	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
)

func Example() {
	l, err := fields.Parse(`u8 1, u16be len(body), body: { u32 0xDEADBEEF, str8 "ada", utf "hé" }, u32be crc-32(all)`)
	if err != nil {
		fmt.Println(err)
		return
	}
	built, err := fields.NewBuilder(inspect.Little).Build(l) // the order of u32, which does not say
	if err != nil {
		fmt.Println(err)
		return
	}
	l.Walk(func(i, depth int, f *fields.Field) bool {
		p := built.Parts[i]
		fmt.Printf("%*s%s %s: % x\n", 2*depth, "", f.Kind, f.Value, built.Bytes[p.Start:p.End])
		return true
	})
	// Output:
	// u8 1: 01
	// u16 len(body): 00 0d
	// group : ef be ad de 03 61 64 61 03 00 68 c3 a9
	//   u32 0xDEADBEEF: ef be ad de
	//   str8 ada: 03 61 64 61
	//   utf hé: 03 00 68 c3 a9
	// u32 crc-32(all): 4d 0a 15 cc
}

func ExampleBuilder_Compile() {
	_, err := fields.Builder{}.Compile("u8 1,\nflags: u8 0x100")
	fmt.Println(err)
	// Output:
	// line 2, column 11: 256 does not fit u8, which holds 0 to 255
}
