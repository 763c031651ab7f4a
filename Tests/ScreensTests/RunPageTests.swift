import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// Journeys through the tabs of a run's page.
@Suite struct RunPageTests {
    @Test func tabsGoRoundInBothWays() throws {
        let journey = try Journey.page(.metrics)
        var seen: [RunTab] = []
        for _ in RunTab.allCases {
            seen.append(try #require(journey.page?.tab))
            journey.press(.tab)
        }
        #expect(Set(seen).count == RunTab.allCases.count && journey.page?.tab == .metrics)
        journey.press(.backTab)
        #expect(journey.page?.tab == .overview)
        journey.press(.escape)
        #expect(journey.model.top.kind == .runs)
    }

    @Test func everyTabWithoutItsDataSaysWhy() throws {
        for index in [0, 2] {
            let journey = try Journey.page(.overview, run: index, evaluation: nil)
            let words = index == 0 ? "No evaluation yet. The first one ends the first epoch." : "never evaluated"
            for tab in RunTab.allCases where tab.showsEvaluation {
                for _ in RunTab.allCases where journey.page?.tab != tab { journey.press(.tab) }
                #expect(journey.text.contains(words), "\(tab)")
                // Keys of a tab without data do nothing but say so.
                journey.type("svtlnh+-")
                #expect(journey.page?.tab == tab)
            }
        }
    }

    @Test func classesAreSortedByEachColumn() throws {
        let journey = try Journey.page(.classes, width: 120, height: 40)
        func names() -> [Int] {
            guard let page = journey.page, let findings = page.facts.evaluation.found?.findings else { return [] }
            return page.classes.rows(findings).map(\.label)
        }
        #expect(names() == [0, 1, 2, 3, 4, 5, 6, 8, 9, 7], "by AP, the class without objects last")
        #expect(journey.text.contains("not in the validation data"))
        journey.type("S")
        #expect(names() == [9, 8, 6, 5, 4, 3, 2, 1, 0, 7])
        journey.type("Ssssss")
        #expect(journey.page?.classes.order == .count)
        #expect(names().first == 9)
        journey.press(.down, .down)
        #expect(journey.page?.classes.list.selectedIndex == 2)
    }

    @Test func curvesShowTheMeanAndOneClass() throws {
        let journey = try Journey.page(.precisionRecall)
        #expect(journey.text.contains("all classes") && journey.text.contains("mAP50"))
        journey.press(.right, .right)
        #expect(journey.text.contains("AP50 of 1 "))
        journey.press(.left, .left, .left)
        #expect(journey.text.contains("AP50 of 9 "), "it goes round")
        journey.press(.tab)
        #expect(journey.page?.tab == .f1 && journey.text.contains("at confidence 0.342"))
    }

    @Test func theConfusionMatrixMovesAndCountsShares() throws {
        let journey = try Journey.page(.confusion)
        #expect(journey.text.contains("0 right: 30"))
        journey.press(.down, .right, .right)
        #expect(journey.text.contains("1 taken for 2: 0"))
        journey.type("G")
        #expect(journey.text.contains("background taken for background"))
        journey.press(.up)
        #expect(journey.text.contains("9 not seen"))
        journey.type("v")
        #expect(journey.text.contains("% of each truth"))
        let wide = try Journey.page(.confusion, width: 40, height: 12, evaluation: MemoryWorkbench.evaluation(classes: 80))
        wide.type("G")
        #expect(wide.text.contains("of 81") && wide.page?.confusion.row == 80)
    }

    @Test func predictionsGoThroughImagesAndThresholds() throws {
        let journey = try Journey.page(.predictions)
        #expect(journey.text.contains("scene-0.png") && journey.text.contains("91 %"))
        #expect(!journey.text.contains("5 12 %"))
        journey.type("---")
        #expect(journey.text.contains("5 12 %"), "more is shown from 10 %")
        journey.type("t")
        #expect(!journey.text.contains("truth ") || journey.page?.predictions.showsTruth == false)
        journey.press(.right)
        #expect(journey.text.contains("scene-1.png") && journey.text.contains("2 of 3"))
        journey.press(.right, .right)
        #expect(journey.text.contains("missing.png") && journey.text.contains("restore"))
        journey.press(.left)
        #expect(journey.page?.predictions.picture?.file == "/data/scene-1.png")
    }

    @Test func theOtherEvaluationIsAskedFor() throws {
        let journey = try Journey.page(.classes)
        journey.type("o")
        #expect(journey.workbench.state.withLock { $0.calls }.suffix(1) == ["evaluation newest"])
        #expect(journey.page?.facts.evaluation.choice == .newest)
    }

    @Test func theLogFiltersFollowsAndWraps() throws {
        let journey = try Journey.page(.log)
        journey.workbench.state.withLock { state in
            state.log = (1...100).map {
                let level = $0 % 10 == 0 ? "warning" : $0 == 55 ? "error" : "info"
                return LogLine(id: Int64($0), time: MemoryWorkbench.noon + Double($0), level: level, text: "line \($0) " + String(repeating: "word ", count: 30))
            }
        }
        journey.tick()
        #expect(journey.text.contains("line 100 ") && journey.text.contains("following"))
        journey.press(.up, .up)
        #expect(!journey.text.contains("line 99 ") && journey.text.contains("standing still"))
        journey.workbench.state.withLock { $0.log.append(LogLine(id: 101, time: MemoryWorkbench.noon + 101, level: "info", text: "line 101")) }
        journey.tick()
        #expect(!journey.text.contains("line 101") && journey.text.contains("101 lines"))
        journey.type("f")
        #expect(journey.text.contains("line 101"))
        journey.type("w")
        #expect(journey.text.contains("line 100") && journey.text.contains("line 55 ") && !journey.text.contains("line 99 "))
        journey.type("ww/line 4")
        #expect(journey.page?.log.visible.count == 19)
        journey.press(.enter)
        journey.type("z")
        #expect(journey.page?.log.wraps == true)
        journey.press(.escape)
        #expect(journey.page?.log.visible.count == 101, "Escape takes the filter away before it leaves")
        #expect(journey.model.top.kind == .run)
    }

    @Test func checkpointsAreResumedWrittenAndMadeIntoModels() throws {
        let journey = try Journey.page(.checkpoints, run: 2)
        #expect(journey.text.contains("gone") && journey.text.contains("35 MiB"))
        journey.type("e")
        journey.press(.control("u"))
        journey.type("a.safetensors")
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.calls }.contains("export /runs/1/checkpoints/last.safetensors a.safetensors"))
        journey.press(.down)
        journey.type("m")
        journey.press(.enter)
        #expect(journey.workbench.state.withLock { $0.calls }.contains("model /runs/1/checkpoints/best.safetensors plates-ssd-step-250"))
        journey.press(.enter, .right, .enter)
        #expect(journey.workbench.state.withLock { $0.calls }.contains("resume 3 from /runs/1/checkpoints/best.safetensors"))
        journey.press(.down)
        journey.type("e")
        #expect(journey.text.contains("The file of this checkpoint is gone."))
        let live = try Journey.page(.checkpoints)
        live.press(.enter)
        #expect(live.text.contains("is still running"))
    }

    @Test func theConfigurationIsComparedWithAnotherRun() throws {
        let journey = try Journey.page(.configuration)
        #expect(journey.text.contains("\"architecture\": \"YOLOv8_nano\""))
        journey.type("/lr")
        #expect(journey.text.contains("runform/optimizer/lr: 0.001"))
        journey.press(.escape)
        journey.type("D")
        journey.type("digits-large")
        journey.press(.enter)
        #expect(journey.text.contains("differences to digits-large") && journey.text.contains("runform/optimizer/lr") && journey.text.contains("0.01"))
        #expect(journey.text.contains("1 difference"))
        journey.press(.escape)
        #expect(!journey.text.contains("differences to"))
    }

    @Test func differencesNameWhatOneSideLacks() throws {
        let left = try #require(ConfigurationNode(json: #"{"a": {"b": [1, 2]}, "c": null, "d": [{"e": "x\"y"}]}"#))
        let right = try #require(ConfigurationNode(json: #"{"a": {"b": [1, 3]}, "d": [{"e": "x\"y"}], "f": true}"#))
        #expect(ConfigurationDifference.between(left, right) == [
            .init(path: "a/b", here: "[1, 2]", there: "[1, 3]"), .init(path: "c", here: "null", there: nil), .init(path: "f", here: nil, there: "true"),
        ])
        #expect(ConfigurationNode(json: left.rows.joined(separator: "\n")) == left, "what is shown is JSON")
        #expect(ConfigurationNode(json: "{") == nil)
    }
}
