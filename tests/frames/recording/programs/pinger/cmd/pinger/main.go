// Pinger needs nothing but the standard library.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/acme/pinger/internal/target"
)

func main() {
	runtime.MemProfileRate = 1
	folder := flag.String("profiles", ".", "where the profiles go")
	seconds := flag.Float64("seconds", 3, "how long to work")
	flag.Parse()
	cpu, err := os.Create(*folder + "/cpu.pb.gz")
	exitOn(err)
	exitOn(pprof.StartCPUProfile(cpu))
	for end := time.Now().Add(time.Duration(*seconds * float64(time.Second))); time.Now().Before(end); {
		_, err := target.Ping([]string{"a", "c", "b"})
		exitOn(err)
	}
	pprof.StopCPUProfile()
	allocations, err := os.Create(*folder + "/allocs.pb.gz")
	exitOn(err)
	exitOn(pprof.Lookup("allocs").WriteTo(allocations, 0))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
