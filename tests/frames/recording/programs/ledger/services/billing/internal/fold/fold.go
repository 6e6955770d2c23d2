// Package fold hashes in C.
package fold

/*
#include <stdint.h>
static uint32_t fold(const uint8_t *data, int size) {
	uint32_t hash = 2166136261u;
	for (int round = 0; round < 2000; round++)
		for (int i = 0; i < size; i++) hash = (hash ^ data[i]) * 16777619u;
	return hash;
}
static char *name(void) { return "fold"; }
*/
import "C"

import "unsafe"

// Hash is of the bytes, which must be some.
func Hash(data []byte) uint32 {
	return uint32(C.fold((*C.uint8_t)(unsafe.Pointer(&data[0])), C.int(len(data))))
}

// Name is the name of the hash.
func Name() string {
	return C.GoString(C.name())
}
