import Catalog
import Testing

@Suite struct RunStatusTests {
    @Test(arguments: [
        ("run_created", RunStatus.created), ("run_stop_requested", .stopping), ("run_restart_requested", .rerun),
        ("job_create_failed", .failed), ("job_created", .created), ("job_submitted", .preparing), ("job_pending", .pending),
        ("job_running", .running), ("job_terminate_requested", .stopping), ("job_terminating", .stopping),
        ("job_terminated", .terminated), ("job_failed", .failed), ("job_completed", .success), ("job_unknown", .aborted),
    ])
    func everyWordOfChariotMeansOneStatus(word: String, status: RunStatus) {
        #expect(RunStatus.matching(word) == [status])
    }

    @Test func aWordOfSeveralStatusesMatchesAll() {
        #expect(RunStatus.matching("queued") == [.pending, .preparing, .rerun])
        #expect(RunStatus.matching("In Progress") == [.running, .stopping])
        #expect(RunStatus.matching("Created") == [.created, .preparing])
        #expect(RunStatus.matching("TRAINING_JOB_FAILED") == [.failed, .aborted])
    }

    @Test func ourOwnWordMeansOurStatusAlone() {
        for status in RunStatus.allCases { #expect(RunStatus.matching(status.rawValue) == [status]) }
    }

    @Test func spellingOfSeparatorsAndCaseDoesNotMatter() {
        #expect(RunStatus.matching("in_progress") == [.running, .stopping])
        #expect(RunStatus.matching("JOB-COMPLETED") == [.success])
        #expect(RunStatus.matching("nonsense").isEmpty)
        #expect(RunStatus.matching("").isEmpty)
    }
}
