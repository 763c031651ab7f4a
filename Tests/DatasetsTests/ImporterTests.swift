import Datasets
import Foundation
import Testing

struct ImporterTests {
    private func yoloFolder(labels: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n", to: "data.yaml")
        try folder.write(fixture("colour.png"), to: "images/train/a.png")
        try folder.write(fixture("colour.png"), to: "images/val/b.png")
        try folder.write(labels, to: "labels/train/a.txt")
        return folder
    }

    @Test func yoloBoxesBecomePixels() throws {
        let folder = try yoloFolder(labels: "1 0.5 0.5 0.5 0.25\n0 0 0 0.5 0 0.5 0.5 0 0.5\n")
        let imported = try DatasetImporter.importDataset(at: folder.url)
        #expect(imported.format == .yolo && imported.labels == ["cat", "dog"] && imported.task == .objectDetection)
        #expect(imported.items.map(\.split) == [.train, .val])
        #expect(imported.items[0].annotations == [
            ItemAnnotation(label: 1, box: DatasetBox(xMin: 6, yMin: 6, xMax: 18, yMax: 10)),
            ItemAnnotation(label: 0, box: DatasetBox(xMin: 0, yMin: 0, xMax: 12, yMax: 8)),
        ])
        #expect(imported.items[1].annotations.isEmpty)
        #expect(imported.report.problems.isEmpty && imported.report.accepted == 2)
    }

    @Test func everyBadYOLOInputIsReportedWithItsLine() throws {
        let folder = try yoloFolder(labels: "7 .5 .5 .1 .1\nx y\n0 2 2 .1 .1\n0 0 0 .5 .5\n0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n")
        try folder.write(fixture("colour.png").prefix(60), to: "images/train/cut.png")
        try folder.write("not an image", to: "images/train/text.jpg")
        for name in ["turned.jpg", "grey.png", "sixteen.png", "cmyk.jpg"] { try folder.write(fixture(name), to: "images/train/\(name)") }
        let report = try DatasetImporter.importDataset(at: folder.url).report
        #expect(report.problems.first { $0.reason == .classOutOfRange }?.line == 1)
        #expect(report.problems.first { $0.reason == .malformedAnnotation }?.line == 2)
        #expect(report.problems.first { $0.reason == .boxOutsideImage }?.line == 3)
        #expect(report.problems.first { $0.reason == .boxClipped }?.line == 4)
        #expect(report.problems.first { $0.reason == .duplicateAnnotation }?.line == 6)
        for kind: ImportProblemKind in [
            .truncatedImage, .unreadableImage, .orientationApplied, .sixteenBitReduced, .cmykConverted,
        ] {
            #expect(report.count(kind) == 1, "\(kind)")
        }
        // The 16-bit image is grey too.
        #expect(report.count(.greyscaleConverted) == 2)
        #expect(report.accepted == 6)
    }

    @Test func cocoIsReadWithItsMistakesReported() throws {
        let folder = try TemporaryFolder()
        try folder.write(fixture("colour.png"), to: "val2017/a.png")
        let json = """
            {"images":[{"id":1,"file_name":"a.png","width":24,"height":16},{"id":1,"file_name":"a.png"},{"id":2,"file_name":"gone.png"}],
             "categories":[{"id":9,"name":"dog"},{"id":3,"name":"cat"}],
             "annotations":[{"id":1,"image_id":1,"category_id":9,"bbox":[1,2,3,4],"iscrowd":1},
             {"id":1,"image_id":1,"category_id":9,"bbox":[1,2,3,4]},{"id":2,"image_id":1,"category_id":5,"bbox":[1,2,3,4]},
             {"id":3,"image_id":2,"category_id":9,"bbox":[1,2,3,4]},{"id":4,"image_id":1,"category_id":3,"bbox":"x"},
             {"id":5,"image_id":1,"category_id":3,"bbox":[90,2,3,4]}]}
            """
        try folder.write(json, to: "annotations/instances_val2017.json")
        try folder.write("{\"images\": [", to: "annotations/instances_train2017.json")
        let imported = try DatasetImporter.importDataset(at: folder.url)
        #expect(imported.format == .coco && imported.labels == ["cat", "dog"])
        #expect(imported.items.count == 1 && imported.items[0].split == .val)
        #expect(imported.items[0].annotations == [
            ItemAnnotation(label: 1, box: DatasetBox(xMin: 1, yMin: 2, xMax: 4, yMax: 6), isCrowd: true)
        ])
        let counts = imported.report.counts
        #expect(counts == [
            "malformedFile": 1, "duplicateIdentifier": 2, "missingFile": 1, "classOutOfRange": 1, "unknownImage": 1,
            "malformedAnnotation": 1, "boxOutsideImage": 1,
        ])
    }

    @Test func classFoldersGiveLabelsAndSplits() throws {
        let folder = try TemporaryFolder()
        for path in ["train/dog/a.png", "train/cat/b.png", "val/dog/c.png"] { try folder.write(fixture("colour.png"), to: path) }
        let imported = try DatasetImporter.importDataset(at: folder.url)
        #expect(imported.labels == ["cat", "dog"] && imported.task == .imageClassification)
        #expect(imported.items.map { $0.annotations[0].label } == [0, 1, 1])
        #expect(imported.items.map(\.split) == [.train, .train, .val])
    }

    @Test func unusableFoldersAreClearErrors() throws {
        let folder = try TemporaryFolder()
        #expect(throws: DatasetImportError.unknownFormat(folder.url.standardizedFileURL.path)) {
            try DatasetImporter.importDataset(at: folder.url)
        }
        try folder.write("names: {0: a\n", to: "data.yaml")
        #expect(throws: DatasetImportError.self) { try DatasetImporter.importDataset(at: folder.url) }
        #expect(throws: DatasetImportError.tooFewImages(name: "x", found: 4, needed: 5)) {
            try DatasetRules.requireEnough(images: 4, in: "x")
        }
    }
}
