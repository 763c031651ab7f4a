import COneDNN

/// The process's one oneDNN engine and stream, and thin wrappers that turn a refusal into a message.
enum OneDNN {
    /// Runs `body` and stops with the library's status if it refuses: shapes are checked before, so a refusal is a bug.
    static func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) {
        precondition(status == dnnl_success, "oneDNN refused \(operation()) with status \(status.rawValue)")
    }

    static func makeEngine() -> dnnl_engine_t? {
        var engine: dnnl_engine_t?
        check(dnnl_engine_create(&engine, dnnl_cpu, 0), "the CPU engine")
        return engine
    }

    static func makeStream(_ engine: dnnl_engine_t?) -> dnnl_stream_t? {
        var stream: dnnl_stream_t?
        check(dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)), "a stream")
        return stream
    }

    /// A description of memory whose dimensions are in oneDNN's logical order and whose strides are given.
    static func strided(_ dimensions: [Int], strides: [Int]) -> dnnl_memory_desc_t {
        var description = dnnl_memory_desc_t()
        let extents = dimensions.map(dnnl_dim_t.init), steps = strides.map(dnnl_dim_t.init)
        check(
            dnnl_memory_desc_init_by_strides(&description, Int32(dimensions.count), extents, dnnl_f32, steps),
            "memory of shape \(dimensions)")
        return description
    }

    /// The same dimensions in the order that a primitive likes best.
    static func free(_ dimensions: [Int]) -> dnnl_memory_desc_t {
        var description = dnnl_memory_desc_t()
        let extents = dimensions.map(dnnl_dim_t.init)
        check(
            dnnl_memory_desc_init_by_tag(&description, Int32(dimensions.count), extents, dnnl_f32, dnnl_format_tag_any),
            "memory of shape \(dimensions)")
        return description
    }
}

/// A primitive with the memory objects of its arguments, made once; each run only sets their addresses.
///
/// Its scratch memory comes from the storage pool, so a run takes nothing from the system.
final class OneDNNPrimitive {
    private let primitive: dnnl_primitive_t?
    private let stream: dnnl_stream_t?
    private var arguments: [dnnl_exec_arg_t] = []
    private let scratchBytes: Int

    /// Takes over `description` but leaves it alive: the backward descriptions need it as a hint.
    init(_ description: dnnl_primitive_desc_t?, inputs: [(argument: Int32, memory: dnnl_memory_desc_t)], engine: dnnl_engine_t?, stream: dnnl_stream_t?) {
        var primitive: dnnl_primitive_t?
        OneDNN.check(dnnl_primitive_create(&primitive, description), "a primitive")
        self.primitive = primitive
        self.stream = stream
        var scratch = Self.query(description, dnnl_query_scratchpad_md)
        scratchBytes = dnnl_memory_desc_get_size(&scratch)
        let scratchInput = scratchBytes > 0 ? [(argument: DNNL_ARG_SCRATCHPAD, memory: scratch)] : []
        for (argument, description) in inputs + scratchInput {
            var description = description
            var memory: dnnl_memory_t?
            OneDNN.check(dnnl_memory_create(&memory, &description, engine, nil), "a memory object")
            arguments.append(dnnl_exec_arg_t(arg: argument, memory: memory))
        }
    }

    deinit {
        for argument in arguments { dnnl_memory_destroy(argument.memory) }
        dnnl_primitive_destroy(primitive)
    }

    static func query(_ description: dnnl_primitive_desc_t?, _ what: dnnl_query_t) -> dnnl_memory_desc_t {
        guard let found = dnnl_primitive_desc_query_md(description, what, 0) else { return dnnl_memory_desc_t() }
        return found.pointee
    }

    /// Runs on memory given in the order of the initialiser's inputs.
    func run(_ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
             _ third: UnsafeMutablePointer<Float>? = nil, _ fourth: UnsafeMutablePointer<Float>? = nil) {
        let scratch = scratchBytes > 0 ? Storage(byteCount: scratchBytes) : nil
        withExtendedLifetime(scratch) {
            set(0, first)
            set(1, second)
            if let third { set(2, third) }
            if let fourth { set(3, fourth) }
            if let scratch { set(arguments.count - 1, scratch.floats) }
            OneDNN.check(dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments), "to run a primitive")
            OneDNN.check(dnnl_stream_wait(stream), "to finish a primitive")
        }
    }

    private func set(_ index: Int, _ pointer: UnsafeMutablePointer<Float>) {
        OneDNN.check(dnnl_memory_set_data_handle(arguments[index].memory, pointer), "an address")
    }
}

/// Copies a tensor from one memory order to another.
struct OneDNNReorder {
    private let primitive: OneDNNPrimitive
    /// Floats, rounded up, that the destination takes: blocked orders pad.
    let destinationBytes: Int

    /// Nil when the two orders are the same, so that nothing is to be copied.
    init?(from source: dnnl_memory_desc_t, to destination: dnnl_memory_desc_t, engine: dnnl_engine_t?, stream: dnnl_stream_t?) {
        var source = source, destination = destination
        guard dnnl_memory_desc_equal(&source, &destination) == 0 else { return nil }
        var attributes: dnnl_primitive_attr_t?
        OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
        OneDNN.check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "a scratch mode")
        defer { dnnl_primitive_attr_destroy(attributes) }
        var description: dnnl_primitive_desc_t?
        OneDNN.check(
            dnnl_reorder_primitive_desc_create(&description, &source, engine, &destination, engine, attributes), "a reorder")
        defer { dnnl_primitive_desc_destroy(description) }
        primitive = OneDNNPrimitive(
            description, inputs: [(DNNL_ARG_FROM, source), (DNNL_ARG_TO, destination)], engine: engine, stream: stream)
        destinationBytes = dnnl_memory_desc_get_size(&destination)
    }

    func run(from source: UnsafeMutablePointer<Float>, to destination: UnsafeMutablePointer<Float>) {
        primitive.run(source, destination)
    }
}
