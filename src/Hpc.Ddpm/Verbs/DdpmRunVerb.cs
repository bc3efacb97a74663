using Hpc.Cli;
using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Cli.Verbs;
using Hpc.Cluster;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Figures;
using Hpc.Ddpm.Network;
using Hpc.Ddpm.Running;
using Hpc.Ddpm.Spec;
using Hpc.Ddpm.Torch;
using Hpc.Results;
using TorchSharp;

namespace Hpc.Ddpm.Verbs;

/// <summary><c>run</c>: every task that is not done yet, then the merged file.</summary>
internal static class DdpmRunVerb
{
    public static int Execute(DdpmRunOptions options, StopRequest stop)
    {
        DdpmSpec spec = DdpmSpecReader.ReadFile(options.Spec, options.Overrides);
        if (options.MaxTime is { } limit)
        {
            stop.After(limit > TimeSpan.Zero ? limit : throw new UsageException($"--max-time is {limit}; allowed is a time above 0, written as h:mm:ss"));
        }

        TimeSpan interval = RunVerb.CheckpointInterval(options.Checkpoint);
        ImageDataset data = ImageDataset.Load(spec.Dataset, options.Data);
        CheckCounts(spec, data);
        ICommunicator communicator = Communicators.Create();
        torch.Device device = TorchDevice.Find(options.Device, communicator);
        int threads = RunVerb.Threads(options.Threads, communicator);
        ClassDescriptors descriptors = ClassDescriptors.Measure(data.Training, new ImageScale(spec.ImageSize));
        IReadOnlyList<DdpmTask> all = DdpmTask.Expand(spec);
        ArrayPart? part = ArrayPart.FromEnvironment();
        IReadOnlyList<DdpmTask> tasks = part is null ? all : [.. all.Where((_, position) => part.Contains(position))];
        ThreadPlan plan = ThreadPlan.Choose(
            device.type == DeviceType.CPU ? Math.Max(1, tasks.Count) : 1, new NetworkCost(spec).Bytes, AvailableMemory.Of(communicator.LocalSize), threads, communicator.Size);
        torch.set_num_threads(plan.ThreadsPerWorker);
        string target = options.Out ?? Path.Combine("runs", "out", spec.Name);
        var run = new TaskRun(communicator, tasks, plan) { Part = part, Engine = $"libtorch {torch.__version__} on {TorchDevice.Describe(device)}" };
        int code;
        if (communicator.Rank == 0)
        {
            DdpmFolder folder = DdpmFolder.Create(target, spec);
            code = run.Lead(folder, Work, Complete, stop.Token);

            void Complete()
            {
                IReadOnlyList<(DatasetInfo, ClassDescriptors)> others = ClassDescriptors.OfOthers(spec.Dataset, options.Data, new ImageScale(spec.ImageSize));
                ResultGroup merged = DdpmFinishing.Merge(folder, descriptors, others, stop.Token);
                DdpmReport.Draw(merged, folder);
                DdpmFinishing.Print(merged, folder);
            }
        }
        else
        {
            code = run.Follow(() => DdpmFolder.Open(target), Work, stop.Token);
        }

        communicator.Finish();
        return code;

        void Work(RunFolder folder, int index, int worker, Action<string> stage, CancellationToken cancellation)
        {
            DdpmTask task = tasks[index];
            DateTime start = DateTime.UtcNow;
            void Say(string line) => Progress.Say($"{task.Name}: {line}");

            // A thread of its own for every task: libtorch keeps the number of threads with the calling one.
            torch.set_num_threads(plan.ThreadsPerWorker);
            var checkpoint = new TrainingCheckpoint(new CheckpointFiles(folder.Folder, task.Hash, task.Hash, interval, Say), Say);
            var runner = new DdpmTaskRunner(task, data, descriptors, device, plan.ThreadsPerWorker, (name, detail) => stage(detail is null ? name : $"{name}, {detail}"), checkpoint);
            IReadOnlyList<Dataset> datasets = runner.Run(cancellation);
            Provenance provenance = Provenances.Create(
                DdpmSpecReader.Write(spec).ToJsonString(), task.Hash, [task.Seed], TorchDevice.Describe(device), DdpmTask.Precision, communicator.Size, start,
                new Dictionary<string, string> { ["libtorch"] = torch.__version__ });
            folder.Shards.Write(task.Hash, new ResultGroup(datasets, provenance.ToAttributes()));
            checkpoint.Remove();
        }
    }

    /// <summary>Whether every class has as many pictures as are asked for, before anything is trained.</summary>
    private static void CheckCounts(DdpmSpec spec, ImageDataset data)
    {
        foreach ((int label, int count) in spec.Partners.Select(p => (p, spec.Images.Partner)).Prepend((spec.Reference, spec.Images.Reference)))
        {
            int training = data.Training.ByClass[label].Length, test = data.Test.ByClass[label].Length;
            if (count > training || spec.TestImages > test)
            {
                throw new UsageException(
                    $"ddpm.images is {count} and ddpm.testImages {spec.TestImages}; class {spec.Dataset.Classes[label]} of {spec.Dataset.Title} has {training} and {test}: lower them");
            }
        }
    }
}
