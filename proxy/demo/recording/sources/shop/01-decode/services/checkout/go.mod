module github.com/acme/shop/services/checkout

go 1.26

toolchain go1.26.8
