import TensorEngine

/// Layers applied one after another, numbered from zero as torch's, layers without parameters included.
///
/// Batch norm directly followed by an activation runs as one fused operation.
open class Sequential: Module, UnaryLayer {
    package let layers: [any UnaryLayer]

    package init(_ layers: [any UnaryLayer]) { self.layers = layers }

    open override var namedChildren: [(name: String, module: Module)]? {
        layers.enumerated().map { (String($0.offset), $0.element) }
    }

    package func callAsFunction(_ x: Tensor) -> Tensor { apply(x, count: layers.count) }

    /// activation(layers(x) + residual), in one pass with the batch norm that the layers, or the `Sequential` at their end, must end with.
    package func callAsFunction(_ x: Tensor, residual: Tensor, activation: Activation = .identity) -> Tensor {
        let inner = apply(x, count: layers.count - 1)
        if let norm = layers.last as? BatchNorm2d { return norm(inner, activation: activation, residual: residual) }
        guard let nested = layers.last as? Sequential else { preconditionFailure("a residual needs a batch norm at the end") }
        return nested(inner, residual: residual, activation: activation)
    }

    /// The first `count` layers.
    private func apply(_ x: Tensor, count: Int) -> Tensor {
        var result = x
        var index = 0
        while index < count {
            let layer = layers[index]
            if let norm = layer as? BatchNorm2d, index + 1 < count, let next = layers[index + 1] as? ActivationLayer {
                result = norm(result, activation: next.activation)
                index += 2
            } else {
                result = layer(result)
                index += 1
            }
        }
        return result
    }
}

/// Modules in a list, numbered from zero; it has no forward pass of its own.
package final class ModuleList<Element: Module>: Module {
    package let elements: [Element]

    package init(_ elements: [Element]) { self.elements = elements }

    package override var namedChildren: [(name: String, module: Module)]? {
        elements.enumerated().map { (String($0.offset), $0.element) }
    }

    package subscript(index: Int) -> Element { elements[index] }
    package var count: Int { elements.count }
}
