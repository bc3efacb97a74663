using Hpc.Cluster.Tests;
using Hpc.Cluster.Tests.Ranks;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// With --rank this is one rank of a run that a test has started.
return args switch
{
    ["--rank", .. string[] rest] => TestRank.Run(rest),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
