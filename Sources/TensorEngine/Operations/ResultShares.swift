import CKernels

/// How a matrix product's result is cut up for the threads.
///
/// Each thread packs the rows of the left and the columns of the right matrix that its share takes, those of the left one
/// again for each block of columns. The cut is the one with which a thread multiplies and packs least.
struct ResultShares {
    private static let rowUnit = 12, columnUnit = ty_product_columns(), blockColumns = ty_product_block_columns()
    /// A share has this many units of rows at least: with fewer, packing the right matrix is most of the work.
    private static let leastRowUnits = 8
    /// Multiplications in the time that one number takes to be packed.
    private static let packing = 24

    private let rows, columns: Int
    /// Shares one below the other, and side by side.
    private let down, across: Int

    init(rows: Int, columns: Int, threads: Int) {
        self.rows = rows
        self.columns = columns
        let rowUnits = Self.units(rows, of: Self.rowUnit), columnUnits = Self.units(columns, of: Self.columnUnit)
        func work(_ down: Int) -> Int {
            let high = Self.units(rowUnits, of: down) * Self.rowUnit
            let wide = Self.units(columnUnits, of: Self.across(threads, down, columnUnits)) * Self.columnUnit
            return high * wide + Self.packing * (high * Self.units(wide, of: Self.blockColumns) + wide)
        }
        let most = min(threads, max(1, rowUnits / Self.leastRowUnits))
        down = (1...most).min { work($0) < work($1) } ?? 1
        across = Self.across(threads, down, columnUnits)
    }

    var count: Int { down * across }

    subscript(share: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        (
            Self.part(share / across, of: down, Self.units(rows, of: Self.rowUnit), unit: Self.rowUnit, end: rows),
            Self.part(share % across, of: across, Self.units(columns, of: Self.columnUnit), unit: Self.columnUnit, end: columns)
        )
    }

    private static func units(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }

    private static func across(_ threads: Int, _ down: Int, _ columnUnits: Int) -> Int { min(max(1, threads / down), max(1, columnUnits)) }

    private static func part(_ index: Int, of parts: Int, _ units: Int, unit: Int, end: Int) -> Range<Int> {
        min(units * index / parts * unit, end)..<min(units * (index + 1) / parts * unit, end)
    }
}
