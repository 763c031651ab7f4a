import CNcurses

extension NcursesDriver {
    /// Gives the terminal back while another program uses it, and takes it again afterwards.
    package func stepAside(_ body: () -> Void) {
        endwin()
        body()
        // What is drawn next takes the terminal again; all of it is drawn.
        resize()
    }
}
