module github.com/acme/shop/services/checkout

go 1.26

toolchain go1.26.8

require (
	github.com/dustin/go-humanize v1.0.1
	github.com/grafana/pyroscope-go v1.4.3
	github.com/hashicorp/golang-lru/v2 v2.0.7
)

require (
	github.com/grafana/pyroscope-go/godeltaprof v0.1.11 // indirect
	github.com/klauspost/compress v1.18.7 // indirect
)
