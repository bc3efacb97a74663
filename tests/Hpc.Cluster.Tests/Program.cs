using Hpc.Cluster.Tests;
using Hpc.Cluster.Tests.Ranks;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// With --rank this is one rank of a run that a test has started.
if (args is ["--rank", .. string[] rest])
{
    return TestRank.Run(rest);
}

bool platform = args.Contains("--server") || args.Contains("--internal-msbuild-node");
return platform
    ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions).GetAwaiter().GetResult()
    : ConsoleRunner.Run(args).GetAwaiter().GetResult();
