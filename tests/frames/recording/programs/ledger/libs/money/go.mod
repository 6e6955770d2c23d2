module github.com/acme/money

go 1.25.0
