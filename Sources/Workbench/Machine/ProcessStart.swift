import TensorEngine

/// What a program that trains does first.
package enum ProcessStart {
    /// Settles how numeric threads wait for each other; call it at the very start of `main`, which it may start anew.
    package static func prepare() { ThreadPool.shortenWaits() }
}
