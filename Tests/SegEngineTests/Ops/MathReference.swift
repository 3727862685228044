import Glibc

// Under names of their own, so that test files need not import the C library.
func exponential(_ x: Double) -> Double { exp(x) }
func naturalLogarithm(_ x: Double) -> Double { log(x) }
