/// What a dataset is annotated for; the raw values are those of a run's configuration.
package enum DatasetTask: String, Codable, Sendable, CaseIterable {
    case imageClassification = "Image Classification"
    case objectDetection = "Object Detection"
}

/// The part of a dataset an item belongs to.
package enum DatasetSplit: String, Codable, Sendable, CaseIterable {
    case train, val, test

    /// The split a folder or annotation file of this name stands for, or nil.
    package init?(folderName: String) {
        switch folderName.lowercased() {
        case "train", "training": self = .train
        case "val", "valid", "validation": self = .val
        case "test", "testing": self = .test
        default: return nil
        }
    }
}

/// The formats the importer reads.
package enum DatasetFormat: String, Codable, Sendable, CaseIterable {
    case auto, coco, yolo, folders
}

/// An axis-aligned box in absolute pixels of the upright image (EXIF orientation applied).
package struct DatasetBox: Codable, Sendable, Equatable {
    package var xMin: Float
    package var yMin: Float
    package var xMax: Float
    package var yMax: Float

    package init(xMin: Float, yMin: Float, xMax: Float, yMax: Float) {
        self.xMin = xMin
        self.yMin = yMin
        self.xMax = xMax
        self.yMax = yMax
    }

    package var width: Float { xMax - xMin }
    package var height: Float { yMax - yMin }
    package var area: Float { max(0, width) * max(0, height) }

    /// The part of the box inside an image of this size; its sides can be zero or negative when nothing is left.
    package func clipped(width: Float, height: Float) -> DatasetBox {
        DatasetBox(xMin: max(0, xMin), yMin: max(0, yMin), xMax: min(width, xMax), yMax: min(height, yMax))
    }

    /// The area of the overlap of two boxes.
    package func intersection(_ other: DatasetBox) -> Float {
        max(0, min(xMax, other.xMax) - max(xMin, other.xMin)) * max(0, min(yMax, other.yMax) - max(yMin, other.yMin))
    }
}

/// One label on an item: of the whole image (box nil) or of an object.
package struct ItemAnnotation: Codable, Sendable, Equatable {
    /// Index into the dataset's labels.
    package var label: Int
    package var box: DatasetBox?
    package var isCrowd: Bool

    package init(label: Int, box: DatasetBox? = nil, isCrowd: Bool = false) {
        self.label = label
        self.box = box
        self.isCrowd = isCrowd
    }
}

/// One image of a dataset, by reference; width and height are those of the upright image.
package struct DatasetItem: Codable, Sendable, Equatable {
    /// Absolute path of the image file.
    package var path: String
    package var width: Int
    package var height: Int
    package var split: DatasetSplit?
    package var annotations: [ItemAnnotation]

    package init(path: String, width: Int, height: Int, split: DatasetSplit?, annotations: [ItemAnnotation]) {
        self.path = path
        self.width = width
        self.height = height
        self.split = split
        self.annotations = annotations
    }
}

/// Limits every run's data must keep.
package enum DatasetRules {
    /// Fewer training images than this are refused.
    package static let minimumImages = 5

    /// Refuses a set of images too small to train on.
    package static func requireEnough(images: Int, in name: String) throws(DatasetImportError) {
        if images < minimumImages {
            throw .tooFewImages(name: name, found: images, needed: minimumImages)
        }
    }
}
