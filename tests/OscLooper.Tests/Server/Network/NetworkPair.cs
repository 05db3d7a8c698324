using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OscLooper.Tests.Server.Network;

/// <summary>Two network namespaces joined by a cable, so that a test has a host that is not this one. Needs root and the program ip.</summary>
sealed partial class NetworkPair : IDisposable
{
    public const string ServerAddress = "10.213.77.1", ClientAddress = "10.213.77.2";
    const int NewNetwork = 0x40000000;   // CLONE_NEWNET
    readonly string here = $"osc{Environment.ProcessId}a", there = $"osc{Environment.ProcessId}b";

    [LibraryImport("libc", SetLastError = true)] private static partial int setns(int handle, int kind);

    /// <summary>Null, and why, where it cannot be made.</summary>
    public static NetworkPair? TryMake(out string why)
    {
        why = OperatingSystem.IsLinux() ? Environment.IsPrivilegedProcess ? "" : "network namespaces need root" : "network namespaces are Linux's";
        if (why.Length > 0) return null;
        var pair = new NetworkPair();
        foreach (var line in new[]
        {
            $"netns add {pair.here}", $"netns add {pair.there}", $"-n {pair.here} link add v0 type veth peer name v1 netns {pair.there}",
            $"-n {pair.here} addr add {ServerAddress}/24 dev v0", $"-n {pair.there} addr add {ClientAddress}/24 dev v1",
            $"-n {pair.here} link set lo up", $"-n {pair.here} link set v0 up", $"-n {pair.there} link set v1 up",
        })
        {
            if (Ip(line) is not { Length: > 0 } trouble) continue;
            pair.Dispose();
            why = $"ip {line}: {trouble}";
            return null;
        }
        return pair;
    }

    /// <summary>Runs something where the server is: the sockets that it opens belong there.</summary>
    public T OnServer<T>(Func<T> make) => In(here, make);

    /// <summary>Runs something on the other host.</summary>
    public T OnClient<T>(Func<T> make) => In(there, make);

    static T In<T>(string name, Func<T> make)
    {
        T made = default!;
        Exception? trouble = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle($"/run/netns/{name}");
                if (setns((int)file.DangerousGetHandle(), NewNetwork) != 0) throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
                made = make();
            }
            catch (Exception e)
            {
                trouble = e;
            }
        });
        thread.Start();
        thread.Join();
        return trouble is null ? made : throw new InvalidOperationException(trouble.Message, trouble);
    }

    static string Ip(string arguments)
    {
        try
        {
            using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            var error = ip.StandardError.ReadToEnd();
            ip.WaitForExit();
            return ip.ExitCode == 0 ? "" : error + " ";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }

    public void Dispose()
    {
        Ip($"netns del {here}");
        Ip($"netns del {there}");
    }
}
