using System.Runtime.CompilerServices;

namespace OscLooper.Tests;

/// <summary>./test asks the runtime for a report when a test host crashes. The programs that tests start, and end on purpose, are not asked to write one.</summary>
static class CrashReports
{
    [ModuleInitializer]
    internal static void OfTheTestHostOnly()
    {
        foreach (var name in (string[])["DOTNET_DbgEnableMiniDump", "DOTNET_EnableCrashReportOnly", "DOTNET_DbgMiniDumpName"]) Environment.SetEnvironmentVariable(name, null);
    }
}
