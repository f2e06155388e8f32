//go:build ignore

// Icongen renders icon.svg into the form that the file's name asks for: `go run icongen.go [-size 512] [-o icon.png]`.
// A .png has one square picture; an .ico (Windows) and an .icns (macOS) have all the sizes their systems use, whatever
// -size says. It is run by go generate for icon.png, and by `make package` for the others.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/draw"
)

func main() {
	log.SetFlags(0)
	size := flag.Int("size", 512, "edge of a PNG in pixels")
	in := flag.String("i", "icon.svg", "picture to read")
	out := flag.String("o", "icon.png", "file to write")
	flag.Parse()

	icon, err := oksvg.ReadIcon(*in, oksvg.StrictErrorMode)
	if err != nil {
		log.Fatalf("read %s: %v", *in, err)
	}
	// oksvg does not scale the widths of strokes, so the picture is drawn at its own size and made smaller afterwards.
	edge := int(icon.ViewBox.W)
	icon.SetTarget(0, 0, icon.ViewBox.W, icon.ViewBox.H)
	drawn := image.NewRGBA(image.Rect(0, 0, edge, edge))
	scanner := rasterx.NewScannerGV(edge, edge, drawn, drawn.Bounds())
	icon.Draw(rasterx.NewDasher(edge, edge, scanner), 1)

	var file []byte
	switch filepath.Ext(*out) {
	case ".ico":
		file = ico(drawn)
	case ".icns":
		file = icns(drawn)
	default:
		file = encode(scaled(drawn, *size))
	}
	if err := os.WriteFile(*out, file, 0o644); err != nil {
		log.Fatal(err)
	}
}

func scaled(drawn image.Image, size int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(img, img.Bounds(), drawn, drawn.Bounds(), draw.Src, nil)
	return img
}

func encode(img image.Image) []byte {
	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buf, img); err != nil {
		log.Fatalf("encode as PNG: %v", err)
	}
	return buf.Bytes()
}

// ico is a Windows icon: bitmaps of 32 bits up to 64 pixels, which everything reads, and PNG above.
// See https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10).
func ico(drawn image.Image) []byte {
	sizes := []int{16, 20, 24, 32, 40, 48, 64, 128, 256}
	var head, body bytes.Buffer
	le := binary.LittleEndian
	put := func(w *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(w, le, v) // a bytes.Buffer takes everything
		}
	}
	put(&head, uint16(0), uint16(1), uint16(len(sizes)))
	for _, size := range sizes {
		img := scaled(drawn, size)
		at := body.Len()
		if size > 64 {
			body.Write(encode(img))
		} else {
			// The height counts the mask too, which stays empty: the colours have their own transparency.
			put(&body, uint32(40), int32(size), int32(2*size), uint16(1), uint16(32), [24]byte{})
			for y := size - 1; y >= 0; y-- {
				for x := range size {
					c := img.RGBAAt(x, y)
					body.Write([]byte{straight(c.B, c.A), straight(c.G, c.A), straight(c.R, c.A), c.A})
				}
			}
			body.Write(make([]byte, size*((size+31)/32*4)))
		}
		put(&head, uint8(size), uint8(size), uint16(0), uint16(1), uint16(32), // 256 is written as 0
			uint32(body.Len()-at), uint32(6+16*len(sizes)+at))
	}
	return append(head.Bytes(), body.Bytes()...)
}

// straight takes the transparency out of a colour that was multiplied with it.
func straight(c, alpha uint8) uint8 {
	if alpha == 0 {
		return 0
	}
	return uint8(min(255, (int(c)*255+int(alpha)/2)/int(alpha)))
}

// icns is an icon of macOS, of PNGs alone: 16 to 512 points at twice the pixels, 128 to 512 at one for one.
func icns(drawn image.Image) []byte {
	var body bytes.Buffer
	for _, part := range []struct {
		kind string
		size int
	}{{"ic11", 32}, {"ic12", 64}, {"ic07", 128}, {"ic13", 256}, {"ic08", 256}, {"ic14", 512}, {"ic09", 512}, {"ic10", 1024}} {
		data := encode(scaled(drawn, part.size))
		body.WriteString(part.kind)
		_ = binary.Write(&body, binary.BigEndian, uint32(8+len(data))) // a bytes.Buffer takes everything
		body.Write(data)
	}
	head := binary.BigEndian.AppendUint32([]byte("icns"), uint32(8+body.Len()))
	return append(head, body.Bytes()...)
}
