// A small service. Its source is copied into an image; the simulator never compiles it.
package main

import "net/http"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("hello\n"))
	})
	http.ListenAndServe(":8080", nil)
}
