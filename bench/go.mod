module github.com/ringback/ringback/bench

go 1.26.0

replace github.com/ringback/ringback => ../

require github.com/ringback/ringback v0.0.0-00010101000000-000000000000

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/segmentio/ksuid v1.0.4 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
