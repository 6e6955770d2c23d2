// Billing exercises what it is built from and writes two profiles of itself.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/acme/ledger/services/billing/internal/tasks"
)

func main() {
	// Every allocation is recorded: its stack is a real stack.
	runtime.MemProfileRate = 1
	folder := flag.String("profiles", ".", "where the profiles go")
	seconds := flag.Float64("seconds", 10, "how long to work")
	flag.Parse()
	cpu := must(os.Create(*folder + "/cpu.pb.gz"))
	if err := pprof.StartCPUProfile(cpu); err != nil {
		panic(err)
	}
	end := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	rounds := 0
	for time.Now().Before(end) {
		for name, task := range tasks.All() {
			if err := task(); err != nil {
				panic(fmt.Errorf("%s: %w", name, err))
			}
		}
		rounds++
	}
	pprof.StopCPUProfile()
	allocations := must(os.Create(*folder + "/allocs.pb.gz"))
	if err := pprof.Lookup("allocs").WriteTo(allocations, 0); err != nil {
		panic(err)
	}
	fmt.Println(rounds, "rounds")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
