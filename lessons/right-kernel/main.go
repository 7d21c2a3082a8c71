package main

import "fmt"

func main() {
	fmt.Println("The shop is open")
}
