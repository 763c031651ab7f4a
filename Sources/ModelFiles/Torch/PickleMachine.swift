import Foundation

/// Python's pickle machine (PEP 307, PEP 574 in part) cut down to what state dictionaries and checkpoints of plain values
/// need: it builds dictionaries, lists, tuples, numbers, texts and descriptions of tensors, and calls nothing.
///
/// Every other opcode or global ends it with an error that names it. Time and memory are bounded by the number of opcodes.
struct PickleMachine {
    /// Opcodes that one pickle may have: the largest published checkpoints stay below a tenth.
    private static let maximumOpcodes = 1_000_000
    private static let maximumNameLength = 256
    private static let maximumRank = 16

    private var cursor: ByteCursor
    private(set) var objects = PickleObjects()
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var copiedItems = 0

    /// Starts at the cursor's position.
    init(_ cursor: ByteCursor) { self.cursor = cursor }

    /// Where the pickle ended.
    var position: Int { cursor.position }

    /// Runs one pickle to its STOP and gives its value.
    mutating func run() throws(TorchFileFault) -> PickleValue {
        for _ in 0..<Self.maximumOpcodes {
            let place = cursor.position
            let opcode = try cursor.byte()
            if opcode == UInt8(ascii: ".") { return try pop() }
            if try pushConstant(opcode) { continue }
            if try build(opcode) { continue }
            guard try remember(opcode) else { throw .couldRunCode("the pickle opcode \(Self.name(of: opcode)) at byte \(place)") }
        }
        throw .damaged("its pickle has more than \(Self.maximumOpcodes) opcodes")
    }

    // MARK: Opcodes

    /// Opcodes that push one value read from the bytes.
    private mutating func pushConstant(_ opcode: UInt8) throws(TorchFileFault) -> Bool {
        switch opcode {
        case 0x4E: stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case 0x4A: stack.append(.integer(Int64(try cursor.integer(Int32.self))))
        case 0x4B: stack.append(.integer(Int64(try cursor.byte())))
        case 0x4D: stack.append(.integer(Int64(try cursor.integer(UInt16.self))))
        case 0x8A: try pushInteger(byteCount: Int(try cursor.byte()))
        case 0x47: stack.append(.float(Double(bitPattern: try cursor.integer(UInt64.self).byteSwapped)))
        case 0x58: try pushString(cursor.length(UInt32.self))
        case 0x8C, 0x55: try pushString(Int(try cursor.byte()))
        case 0x8D: try pushString(cursor.length(UInt64.self))
        case 0x54: try pushString(cursor.length(UInt32.self))
        case 0x42: try pushBytes(cursor.length(UInt32.self))
        case 0x43: try pushBytes(Int(try cursor.byte()))
        case 0x8E: try pushBytes(cursor.length(UInt64.self))
        case 0x63:
            let module = try cursor.line(limit: Self.maximumNameLength)
            try pushGlobal(module: module, name: cursor.line(limit: Self.maximumNameLength))
        case 0x80:
            let version = try cursor.byte()
            guard version <= 5 else { throw .unsupported("is a pickle of the unknown protocol \(version)") }
        // A frame only says how much could be read at once.
        case 0x95: _ = try cursor.take(8)
        default: return false
        }
        return true
    }

    /// Opcodes that make a value of others on the stack.
    private mutating func build(_ opcode: UInt8) throws(TorchFileFault) -> Bool {
        switch opcode {
        case 0x28: marks.append(stack.count)
        case 0x5D: push(list: [])
        case 0x7D: push(dictionary: [])
        case 0x29: push(tuple: [])
        case 0x85: push(tuple: try pop(1))
        case 0x86: push(tuple: try pop(2))
        case 0x87: push(tuple: try pop(3))
        case 0x74: push(tuple: try popToMark())
        case 0x6C: push(list: try popToMark())
        case 0x64: push(dictionary: try pairs(popToMark()))
        case 0x61: try append([pop()])
        case 0x65: try append(popToMark())
        case 0x73: try setItems(pop(2))
        case 0x75: try setItems(popToMark())
        case 0x62:
            // State of a dictionary's subclass, such as the versions in torch's _metadata; it bears no weights.
            _ = try pop()
            guard case .dictionary? = stack.last else { throw .couldRunCode("the state of an object that is not a dictionary") }
        case 0x93:
            let names = try pop(2)
            guard let module = objects.string(names[0]), let name = objects.string(names[1]) else {
                throw .damaged("a global's name is not a text")
            }
            try pushGlobal(module: module, name: name)
        case 0x52: try reduce()
        case 0x51: try pushStorage(pop())
        default: return false
        }
        return true
    }

    /// Opcodes of the memo and the stack.
    private mutating func remember(_ opcode: UInt8) throws(TorchFileFault) -> Bool {
        switch opcode {
        case 0x71: memo[Int(try cursor.byte())] = try top()
        case 0x72: memo[try cursor.length(UInt32.self)] = try top()
        case 0x94: memo[memo.count] = try top()
        case 0x68: try recall(Int(try cursor.byte()))
        case 0x6A: try recall(cursor.length(UInt32.self))
        case 0x30: _ = try pop()
        case 0x31: _ = try popToMark()
        case 0x32: stack.append(try top())
        default: return false
        }
        return true
    }

    // MARK: The stack

    /// Values below the last mark belong to what is still being built.
    private var floor: Int { marks.last ?? 0 }

    private func top() throws(TorchFileFault) -> PickleValue {
        guard stack.count > floor, let value = stack.last else { throw .damaged("its pickle takes more from the stack than there is") }
        return value
    }

    private mutating func pop() throws(TorchFileFault) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws(TorchFileFault) -> [PickleValue] {
        guard stack.count - floor >= count else { throw .damaged("its pickle takes more from the stack than there is") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(TorchFileFault) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw .damaged("its pickle ends a group that it did not begin") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func recall(_ index: Int) throws(TorchFileFault) {
        guard let value = memo[index] else { throw .damaged("its pickle recalls the value \(index), which it never kept") }
        stack.append(value)
    }

    private mutating func push(list elements: [PickleValue]) {
        objects.lists.append(elements)
        stack.append(.list(objects.lists.count - 1))
    }

    private mutating func push(tuple elements: [PickleValue]) {
        objects.tuples.append(elements)
        stack.append(.tuple(objects.tuples.count - 1))
    }

    private mutating func push(dictionary pairs: [(key: PickleValue, value: PickleValue)]) {
        objects.dictionaries.append(pairs)
        stack.append(.dictionary(objects.dictionaries.count - 1))
    }

    private mutating func pushString(_ count: Int) throws(TorchFileFault) {
        objects.strings.append(try cursor.text(count))
        stack.append(.string(objects.strings.count - 1))
    }

    private mutating func pushBytes(_ count: Int) throws(TorchFileFault) {
        _ = try cursor.take(count)
        stack.append(.bytes)
    }

    /// A little-endian integer in two's complement.
    private mutating func pushInteger(byteCount: Int) throws(TorchFileFault) {
        var bytes = cursor
        let range = try cursor.take(byteCount)
        guard byteCount <= 8 else { return stack.append(.wideInteger(range)) }
        var bits: UInt64 = 0
        for index in 0..<byteCount { bits |= UInt64(try bytes.byte()) << UInt64(8 * index) }
        let unused = Int64(64 - 8 * byteCount)
        stack.append(.integer(byteCount == 0 ? 0 : Int64(bitPattern: bits << UInt64(unused)) >> unused))
    }

    private mutating func pushGlobal(module: String, name: String) throws(TorchFileFault) {
        guard let global = PickleGlobal(module: module, name: name) else { throw .couldRunCode("the Python object \(module).\(name)") }
        stack.append(.global(global))
    }

    // MARK: Containers

    private mutating func append(_ elements: [PickleValue]) throws(TorchFileFault) {
        guard case .list(let index) = try top() else { throw .damaged("its pickle appends to what is not a list") }
        objects.lists[index] += elements
    }

    private mutating func setItems(_ elements: [PickleValue]) throws(TorchFileFault) {
        guard case .dictionary(let index) = try top() else { throw .damaged("its pickle sets items of what is not a dictionary") }
        objects.dictionaries[index] += try pairs(elements)
    }

    private func pairs(_ elements: [PickleValue]) throws(TorchFileFault) -> [(key: PickleValue, value: PickleValue)] {
        guard elements.count % 2 == 0 else { throw .damaged("its pickle has a key without a value") }
        return stride(from: 0, to: elements.count, by: 2).map { (elements[$0], elements[$0 + 1]) }
    }

    // MARK: Tensors

    /// A "call": what the listed globals would make of their arguments, described instead of done.
    private mutating func reduce() throws(TorchFileFault) {
        let pair = try pop(2)
        guard case .global(let global) = pair[0], case .tuple(let index) = pair[1] else {
            throw .couldRunCode("a call of what is not one of torch's own functions")
        }
        let arguments = objects.tuples[index]
        switch global {
        case .orderedDictionary:
            var items: [PickleValue] = []
            // Python 2 hands the items over as a list of pairs; copies of one list over and over must not fill the memory.
            let given = arguments.first.flatMap(objects.elements) ?? []
            copiedItems += given.count
            guard copiedItems <= Self.maximumOpcodes else { throw .damaged("its pickle repeats a dictionary too often") }
            for item in given {
                guard let pair = objects.elements(item), pair.count == 2 else { throw .damaged("an ordered dictionary's item is not a pair") }
                items += pair
            }
            push(dictionary: try pairs(items))
        case .size:
            guard let extents = arguments.first.flatMap(objects.elements) else { throw .damaged("a torch.Size lacks its extents") }
            push(tuple: extents)
        case .rebuildTensor:
            guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
                let place = Int(exactly: offset), place >= 0, let shape = objects.elements(arguments[2]).flatMap(Self.extents),
                let strides = objects.elements(arguments[3]).flatMap(Self.extents), shape.count == strides.count
            else { throw .damaged("a tensor's description is not one") }
            objects.tensors.append(PickledTensor(storage: objects.storages[storage], offset: place, shape: shape, strides: strides))
            stack.append(.tensor(objects.tensors.count - 1))
        case .rebuildParameter:
            guard case .tensor? = arguments.first else { throw .damaged("a parameter lacks its tensor") }
            stack.append(arguments[0])
        case .storage:
            throw .couldRunCode("a call of a storage's type")
        }
    }

    /// A storage by torch's persistent id: ("storage", type, key, device, count) and in old files a view (key, offset, count).
    private mutating func pushStorage(_ identifier: PickleValue) throws(TorchFileFault) {
        guard let parts = objects.elements(identifier), parts.count >= 5, objects.string(parts[0]) == "storage",
            case .global(.storage(let element)) = parts[1], let key = objects.string(parts[2]),
            case .integer(let number) = parts[4], number >= 0, let count = Int(exactly: number)
        else { throw .damaged("a storage's description is not one") }
        var offset = 0, viewCount = count
        if parts.count > 5, let view = objects.elements(parts[5]) {
            guard view.count == 3, let place = Self.extents(view.dropFirst()), place[0] <= count, place[1] <= count - place[0] else {
                throw .damaged("a storage's view lies outside of it")
            }
            (offset, viewCount) = (place[0], place[1])
        }
        objects.storages.append(PickledStorage(element: element, key: key, offset: offset, elementCount: viewCount))
        stack.append(.storage(objects.storages.count - 1))
    }

    /// Non-negative integers, such as a shape's; nil for other values and for more than a tensor has dimensions.
    private static func extents(_ elements: some Collection<PickleValue>) -> [Int]? {
        guard elements.count <= maximumRank else { return nil }
        var result: [Int] = []
        for element in elements {
            guard case .integer(let number) = element, number >= 0, let extent = Int(exactly: number) else { return nil }
            result.append(extent)
        }
        return result
    }

    // MARK: Words

    private static func name(of opcode: UInt8) -> String {
        let names: [UInt8: String] = [
            0x69: "INST", 0x6F: "OBJ", 0x81: "NEWOBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", 0x92: "NEWOBJ_EX", 0x50: "PERSID",
            0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
            0x49: "INT", 0x4C: "LONG", 0x46: "FLOAT", 0x53: "STRING", 0x56: "UNICODE", 0x70: "PUT", 0x67: "GET",
        ]
        let digits = String(opcode, radix: 16, uppercase: true)
        let code = "0x" + (digits.count < 2 ? "0" : "") + digits
        return names[opcode].map { "\($0) (\(code))" } ?? code
    }
}
