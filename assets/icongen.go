//go:build ignore

// Icongen renders icon.svg to a square PNG: `go run icongen.go [-size 512] [-o icon.png]`, run by go generate.
package main

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"log"
	"os"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/draw"
)

func main() {
	log.SetFlags(0)
	size := flag.Int("size", 512, "edge in pixels")
	out := flag.String("o", "icon.png", "file to write")
	flag.Parse()

	icon, err := oksvg.ReadIcon("icon.svg", oksvg.StrictErrorMode)
	if err != nil {
		log.Fatalf("read icon.svg: %v", err)
	}
	// oksvg does not scale the widths of strokes, so the picture is drawn at its own size and made smaller afterwards.
	edge := int(icon.ViewBox.W)
	icon.SetTarget(0, 0, icon.ViewBox.W, icon.ViewBox.H)
	drawn := image.NewRGBA(image.Rect(0, 0, edge, edge))
	scanner := rasterx.NewScannerGV(edge, edge, drawn, drawn.Bounds())
	icon.Draw(rasterx.NewDasher(edge, edge, scanner), 1)
	img := image.NewRGBA(image.Rect(0, 0, *size, *size))
	draw.CatmullRom.Scale(img, img.Bounds(), drawn, drawn.Bounds(), draw.Src, nil)

	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buf, img); err != nil {
		log.Fatalf("encode %s: %v", *out, err)
	}
	if err := os.WriteFile(*out, buf.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
