import TensorEngine

/// Layers applied one after another, numbered from zero as torch's, layers without parameters included.
///
/// Batch norm directly followed by an activation runs as one fused operation.
package class Sequential: Module, UnaryLayer {
    package let layers: [any UnaryLayer]

    package init(_ layers: [any UnaryLayer]) { self.layers = layers }

    package override var numberedChildren: [Module]? { layers }

    package func callAsFunction(_ x: Tensor) -> Tensor {
        var result = x
        var index = 0
        while index < layers.count {
            let layer = layers[index]
            if let norm = layer as? BatchNorm2d, index + 1 < layers.count, let next = layers[index + 1] as? ActivationLayer {
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

    package override var numberedChildren: [Module]? { elements }

    package subscript(index: Int) -> Element { elements[index] }
    package var count: Int { elements.count }
}
