import Glibc

/// Corners of a box: x and y of the top left, x and y of the bottom right.
package typealias BoxCorners = SIMD4<Float>

/// How well two boxes agree.
package enum BoxOverlap {
    private static let epsilon: Float = 1e-7

    /// Intersection over union; 0 for boxes without area.
    package static func intersectionOverUnion(_ a: BoxCorners, _ b: BoxCorners) -> Float {
        let width = max(0, min(a[2], b[2]) - max(a[0], b[0])), height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
        let intersection = width * height
        let union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - intersection
        return union > 0 ? intersection / union : 0
    }

    /// Complete IoU (Zheng et al., Distance-IoU Loss, 2020): IoU − (ρ²/c² + αv).
    package static func complete(_ box: BoxCorners, _ target: BoxCorners) -> Float { Terms(box, target).value }

    /// Complete IoU and its gradient with respect to `box`; α counts as a constant.
    package static func completeWithGradient(_ box: BoxCorners, _ target: BoxCorners) -> (value: Float, gradient: BoxCorners) {
        let terms = Terms(box, target)
        return (terms.value, terms.gradient(box, target))
    }

    private struct Terms {
        let width, height, overlapWidth, overlapHeight, intersection, union, coverWidth, coverHeight: Float
        let diagonal, offsetX, offsetY, distance, angle, alpha, value: Float

        init(_ box: BoxCorners, _ target: BoxCorners) {
            width = box[2] - box[0]
            height = box[3] - box[1] + epsilon
            let targetWidth = target[2] - target[0], targetHeight = target[3] - target[1] + epsilon
            overlapWidth = max(0, min(box[2], target[2]) - max(box[0], target[0]))
            overlapHeight = max(0, min(box[3], target[3]) - max(box[1], target[1]))
            intersection = overlapWidth * overlapHeight
            union = width * height + targetWidth * targetHeight - intersection + epsilon
            coverWidth = max(box[2], target[2]) - min(box[0], target[0])
            coverHeight = max(box[3], target[3]) - min(box[1], target[1])
            diagonal = coverWidth * coverWidth + coverHeight * coverHeight + epsilon
            offsetX = target[0] + target[2] - box[0] - box[2]
            offsetY = target[1] + target[3] - box[1] - box[3]
            distance = (offsetX * offsetX + offsetY * offsetY) / 4
            angle = atanf(targetWidth / targetHeight) - atanf(width / height)
            let shape = 4 / (.pi * .pi) * angle * angle
            let iou = intersection / union
            alpha = shape / (shape - iou + 1 + epsilon)
            value = iou - (distance / diagonal + shape * alpha)
        }

        func gradient(_ box: BoxCorners, _ target: BoxCorners) -> BoxCorners {
            let overlaps = overlapWidth > 0 && overlapHeight > 0
            // ∂ of each extent with respect to x1, y1, x2, y2.
            let intersectionGradient = overlaps
                ? BoxCorners(
                    box[0] > target[0] ? -overlapHeight : 0, box[1] > target[1] ? -overlapWidth : 0,
                    box[2] < target[2] ? overlapHeight : 0, box[3] < target[3] ? overlapWidth : 0)
                : BoxCorners()
            let areaGradient = BoxCorners(-height, -width, height, width)
            let unionGradient = areaGradient - intersectionGradient
            let iouGradient = (intersectionGradient * union - intersection * unionGradient) / (union * union)
            let diagonalGradient = BoxCorners(
                box[0] < target[0] ? -2 * coverWidth : 0, box[1] < target[1] ? -2 * coverHeight : 0,
                box[2] > target[2] ? 2 * coverWidth : 0, box[3] > target[3] ? 2 * coverHeight : 0)
            let distanceGradient = BoxCorners(offsetX, offsetY, offsetX, offsetY) * -0.5
            let centreGradient = (distanceGradient * diagonal - distance * diagonalGradient) / (diagonal * diagonal)
            // ∂v/∂w = −k·h, ∂v/∂h = k·w with k = 8/π² · angle / (w² + h²).
            let k = 8 / (.pi * .pi) * angle / (width * width + height * height)
            let shapeGradient = BoxCorners(k * height, -k * width, -k * height, k * width)
            return iouGradient - centreGradient - alpha * shapeGradient
        }
    }
}
