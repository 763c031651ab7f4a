import Foundation

/// Tells when files in some folders change, by the kernel's own events: nothing is asked in between.
package final class ThemeWatcher: Sendable {
    private let descriptor: Int32

    /// Watches folders and calls `onChange` on a thread of its own, once for each burst of changes. Nil where none of them is there.
    package init?(folders: Set<String>, onChange: @escaping @Sendable () -> Void) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        // Editors write in place, or write another file and move it over.
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE)
        let watched = folders.filter { inotify_add_watch(descriptor, $0, events) >= 0 }
        guard !watched.isEmpty else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        let thread = Thread {
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &bytes, bytes.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                // What comes in the same moment belongs to the same saving.
                var more = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                while poll(&more, 1, 30) > 0, read(descriptor, &bytes, bytes.count) > 0 {}
                onChange()
            }
        }
        thread.name = "trainyard themes"
        thread.start()
    }
}
