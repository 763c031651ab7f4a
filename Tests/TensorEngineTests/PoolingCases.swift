import TensorEngine

extension OperationCases {
    static var pools: [OperationCase] {
        [
            pool([2, 7, 6, 5], kernel: 3, stride: 2, padding: 1, speed: [[8, 112, 112, 64]]),
            pool([1, 5, 5, 33], kernel: 5, stride: 1, padding: 2, speed: [[8, 10, 10, 128]]),
            pool([2, 6, 5, 3], kernel: 2, stride: 2, padding: 0, ceilMode: true),
            pool([2, 2, 4, 3], kernel: 3, stride: 2, padding: 0, ceilMode: true),
            pool([1, 6, 5, 4], kernel: 3, stride: 1, padding: 1, ceilMode: true),
            pool([1, 4, 7, 5], kernel: 3, stride: 3, padding: 1, ceilMode: true),
            pool([1, 17, 9, 2], kernel: 5, stride: 3, padding: 0),
            pool([0, 4, 4, 3], kernel: 2, stride: 2, padding: 0),
        ].flatMap { $0 } + [([2, 5, 7, 3], 1, 1), ([1, 7, 5, 9], 3, 2), ([2, 2, 3, 4], 4, 5), ([2, 1, 1, 3], 7, 7), ([2, 13, 6, 5], 6, 6)].map(adaptive) + [
            upsample([2, 3, 4, 5], factor: 2, speed: [[8, 20, 20, 256]]),
            upsample([1, 2, 1, 17], factor: 3),
            upsample([0, 2, 2, 3], factor: 2),
        ]
    }

    /// Max and mean pooling, the mean with and without its padding.
    private static func pool(
        _ shape: [Int], kernel: Int, stride: Int, padding: Int, ceilMode: Bool = false, speed: [[Int]]? = nil
    ) -> [OperationCase] {
        @Sendable func extent(_ size: Int) -> Int {
            var count = 0
            // Windows that fit; in ceil mode also one that starts inside and hangs over.
            while count * stride + kernel <= size + 2 * padding { count += 1 }
            if ceilMode, (count - 1) * stride + kernel < size + 2 * padding, count * stride < size + padding { count += 1 }
            return count
        }
        @Sendable func reference(_ x: Reference, _ reduce: (_ inside: [Double], _ windowCount: Int) -> Double) -> Reference {
            var y = Reference([shape[0], extent(shape[1]), extent(shape[2]), shape[3]])
            for n in 0..<y.shape[0] {
                for oh in 0..<y.shape[1] {
                    for ow in 0..<y.shape[2] {
                        for c in 0..<y.shape[3] {
                            let top = oh * stride - padding, left = ow * stride - padding
                            let bottom = min(top + kernel, shape[1] + padding), right = min(left + kernel, shape[2] + padding)
                            var inside: [Double] = []
                            for h in top..<bottom where (0..<shape[1]).contains(h) {
                                for w in left..<right where (0..<shape[2]).contains(w) { inside.append(x[n, h, w, c]) }
                            }
                            y[n, oh, ow, c] = reduce(inside, (bottom - top) * (right - left))
                        }
                    }
                }
            }
            return y
        }
        let title = "\(shape) kernel \(kernel) stride \(stride) padding \(padding)\(ceilMode ? " ceil" : "")"
        return [
            OperationCase(
                name: "maxPool2d \(title)", inputs: [shape], speedInputs: speed,
                run: { x, _ in [.maxPool2d(x[0], kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)] },
                reference: { x, _ in [reference(x[0]) { inside, _ in inside.max() ?? -.infinity }] })
        ] + [true, false].map { countsPadding in
            OperationCase(
                name: "averagePool2d \(title)\(countsPadding ? "" : " without padding")", inputs: [shape],
                speedInputs: countsPadding ? speed : nil,
                run: { x, _ in
                    [.averagePool2d(
                        x[0], kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode, countsPadding: countsPadding)]
                },
                reference: { x, _ in
                    [reference(x[0]) { $0.reduce(0, +) / Double(countsPadding ? $1 : $0.count) }]
                })
        }
    }

    private static func adaptive(_ shape: [Int], height: Int, width: Int) -> OperationCase {
        OperationCase(
            name: "adaptiveAveragePool2d \(shape) to \(height)x\(width)", inputs: [shape],
            speedInputs: height == 1 ? [[8, 28, 28, 256]] : nil,
            run: { x, _ in
                [height * width == 1 ? .globalAveragePool(x[0]) : .adaptiveAveragePool2d(x[0], height: height, width: width)]
            },
            reference: { x, _ in
                func window(_ index: Int, _ count: Int, _ size: Int) -> Range<Int> {
                    Int((Double(index * size) / Double(count)).rounded(.down))..<Int((Double((index + 1) * size) / Double(count)).rounded(.up))
                }
                var y = Reference([shape[0], height, width, shape[3]])
                for n in 0..<shape[0] {
                    for oh in 0..<height {
                        for ow in 0..<width {
                            let rows = window(oh, height, shape[1]), columns = window(ow, width, shape[2])
                            for c in 0..<shape[3] {
                                for h in rows {
                                    for w in columns { y[n, oh, ow, c] += x[0][n, h, w, c] / Double(rows.count * columns.count) }
                                }
                            }
                        }
                    }
                }
                return [y]
            })
    }

    private static func upsample(_ shape: [Int], factor: Int, speed: [[Int]]? = nil) -> OperationCase {
        OperationCase(
            name: "upsampleNearest \(shape) by \(factor)", inputs: [shape], speedInputs: speed,
            run: { x, _ in [.upsampleNearest(x[0], factor: factor)] },
            reference: { x, _ in
                var y = Reference([shape[0], shape[1] * factor, shape[2] * factor, shape[3]])
                for n in 0..<shape[0] {
                    for h in 0..<y.shape[1] {
                        for w in 0..<y.shape[2] {
                            for c in 0..<shape[3] { y[n, h, w, c] = x[0][n, h / factor, w / factor, c] }
                        }
                    }
                }
                return [y]
            })
    }
}
