@main
enum Kmemtop {
    static func main() {}
}
