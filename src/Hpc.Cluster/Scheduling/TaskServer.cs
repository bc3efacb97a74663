using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Hpc.Cluster;

/// <summary>Rank 0: answers the reports of the other ranks, notices those that fell silent, and tells the caller what happens.</summary>
internal sealed class TaskServer(ICommunicator communicator, TaskLedger ledger, int workers, ScheduleOptions options)
{
    private readonly Peer[] peers = [.. Enumerable.Range(0, communicator.Size).Select(_ => new Peer())];
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly ActiveClock active = new();
    private TimeSpan nextProgress;

    public IReadOnlyList<int> LostRanks => [.. Enumerable.Range(0, peers.Length).Where(rank => peers[rank].Lost)];

    private int AllWorkers => workers + peers.Skip(1).Where(p => !p.Lost).Sum(p => p.Workers);

    /// <summary>Serves until every task has ended or the run has stopped, and every rank knows.</summary>
    /// <param name="stop">Cancels the tasks of this rank.</param>
    /// <param name="poll">Time between looking for reports.</param>
    public void Run(CancellationTokenSource stop, TimeSpan poll)
    {
        Exception? failure = null;
        while (true)
        {
            if (stop.IsCancellationRequested)
            {
                ledger.Stop();
            }

            bool heard = false;
            while (communicator.Size > 1 && communicator.Probe(ICommunicator.AnySource, TaskClient.ReportTag) is { } message)
            {
                heard = true;
                Answer(message, stop);
            }

            LookForLostRanks();

            // Seen before the news are fetched, so that the last of them is told, too.
            bool ended = ledger.Complete && peers.Skip(1).All(p => p.Left || p.Lost);
            IReadOnlyList<TaskOutcome> news = ledger.News();
            if (failure is null)
            {
                try
                {
                    Tell(news);
                }
                catch (Exception e)
                {
                    // The caller could not take a result: the other ranks must still be told to end.
                    failure = e;
                    stop.Cancel();
                }
            }

            if (ended)
            {
                break;
            }

            if (!heard)
            {
                ledger.Pause(poll);
            }
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Tell(IReadOnlyList<TaskOutcome> news)
    {
        foreach (TaskOutcome outcome in news)
        {
            options.Ended(outcome);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        if (elapsed >= nextProgress)
        {
            nextProgress = elapsed + options.ProgressInterval;
            options.Progress(ledger.Progress(elapsed, AllWorkers, LostRanks));
        }
    }

    private void Answer(MessageInfo message, CancellationTokenSource stop)
    {
        byte[] data = new byte[message.Length];
        communicator.Receive(data, message.Source, message.Tag);
        var report = TaskReport.Read(data, message.Source);
        Peer peer = peers[message.Source];
        peer.Workers = report.Workers;
        peer.Heard = active.Elapsed;
        foreach ((int index, TaskOutcome? outcome) in report.Ended)
        {
            ledger.Ended(message.Source, index, outcome);
        }

        foreach ((int index, TimeSpan elapsed) in report.Running)
        {
            ledger.Running(message.Source, index, elapsed);
        }

        if (report.StopRequested)
        {
            stop.Cancel();
            ledger.Stop();
        }

        bool leave = peer.Lost || ledger.Complete;
        peer.Left = leave;
        bool stopped = stop.IsCancellationRequested;
        var reply = new TaskReply(
            leave ? TaskOrder.Leave : stopped ? TaskOrder.Stop : TaskOrder.GoOn,
            Incomplete: peer.Lost || ledger.Stopped,
            report.Idle is { } idle && !leave && !stopped ? ledger.Take(message.Source, idle, report.Workers, AllWorkers) : []);
        communicator.Send(reply.Write(), message.Source, TaskClient.ReplyTag);
    }

    private void LookForLostRanks()
    {
        active.Look();
        for (int rank = 1; rank < peers.Length; rank++)
        {
            Peer peer = peers[rank];
            if (!peer.Left && !peer.Lost && active.Elapsed - peer.Heard > options.RankTimeout)
            {
                peer.Lost = true;
                ledger.Lost(rank);
            }
        }
    }

    private sealed class Peer
    {
        public int Workers { get; set; }

        /// <summary>When it last reported, by the clock of active time.</summary>
        public TimeSpan Heard { get; set; }

        /// <summary>It was told that nothing will come any more.</summary>
        public bool Left { get; set; }

        /// <summary>It no longer answers.</summary>
        public bool Lost { get; set; }
    }
}
