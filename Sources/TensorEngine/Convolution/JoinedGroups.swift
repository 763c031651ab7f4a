import CKernels

/// Groups of a convolution that are too narrow for a vector, joined to wider ones.
///
/// Below eight channels a group oneDNN falls back to slow code. Neighbouring groups become one of eight channels whose
/// weight is zero where a channel belongs to another group: more products, but in vectors, and several times faster.
struct JoinedGroups {
    private static let vector = 8
    /// The convolution that is done instead.
    let geometry: ConvolutionGeometry
    private let narrowWidth, outputsPerGroup: Int

    /// Nil where the groups are wide enough or cannot be joined.
    init?(_ narrow: ConvolutionGeometry) {
        let width = narrow.inputChannels / narrow.groups
        guard narrow.groups > 1, width > 0, width < Self.vector, Self.vector % width == 0,
            narrow.groups % (Self.vector / width) == 0
        else { return nil }
        narrowWidth = width
        outputsPerGroup = narrow.outputChannels / narrow.groups
        geometry = ConvolutionGeometry(
            input: narrow.inputShape, weight: [narrow.outputChannels, narrow.kernelHeight, narrow.kernelWidth, Self.vector],
            options: ConvolutionOptions(
                stride: narrow.stride, padding: narrow.padding, dilation: narrow.dilation,
                groups: narrow.groups * width / Self.vector))
    }

    /// `[O, kH, kW, I/groups]` as `[O, kH, kW, 8]`.
    func widened(_ weight: Tensor) -> Tensor {
        let result = Tensor.zeros(geometry.weightShape)
        withExtendedLifetime((weight.storage, result.storage)) {
            forEachOutput { narrow, wide in
                ty_copy_rows(
                    weight.floats + narrow, narrowWidth, result.floats + wide, Self.vector, narrowWidth, geometry.taps)
            }
        }
        return result
    }

    /// The part of a wide weight's gradient that belongs to real weights.
    func narrow(_ gradient: Tensor, into target: Tensor) {
        withExtendedLifetime((gradient.storage, target.storage)) {
            forEachOutput { narrow, wide in
                ty_copy_rows(
                    gradient.floats + wide, Self.vector, target.floats + narrow, narrowWidth, narrowWidth, geometry.taps)
            }
        }
    }

    /// Where each output channel's first tap starts in the narrow and in the wide weight.
    private func forEachOutput(_ body: (_ narrow: Int, _ wide: Int) -> Void) {
        for output in 0..<geometry.outputChannels {
            let place = output / outputsPerGroup % (Self.vector / narrowWidth)
            body(output * geometry.taps * narrowWidth, output * geometry.taps * Self.vector + place * narrowWidth)
        }
    }
}

extension ConvolutionGeometry {
    fileprivate var taps: Int { kernelHeight * kernelWidth }
}
