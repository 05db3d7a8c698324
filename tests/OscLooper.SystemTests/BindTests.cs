namespace OscLooper.SystemTests;

/// <summary>On which addresses it listens; in a network of its own, so that nobody else is listened to.</summary>
public class BindTests
{
    [Test]
    public void All_addresses_of_IPv6_are_those_of_IPv4_too_and_are_written_in_brackets()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare") || !File.Exists("/bin/bash")) Assert.Ignore("needs unshare (util-linux) and bash");
        using var folder = new Folder();
        File.WriteAllText(folder.Of("in.sh"), """
            ip link set lo up && ip addr add 10.9.8.7/32 dev lo && ip -6 addr add fd00::7/128 dev lo || exit 77
            "$1" --osc-port 9321 --bind :: --audio none --vault none --modules looper >ready 2>warned &
            server=$!
            trap 'kill $server' EXIT
            until grep -q ready: ready; do kill -0 $server || exit 1; sleep 0.1; done
            for host in 127.0.0.1 10.9.8.7 ::1 fd00::7 '[fd00::7]'; do
                echo "$host udp $("$2" --host "$host" --port 9321 --timeout 20000 /audio/backend 2>&1)"
                (: <>"/dev/tcp/$host/9321") 2>/dev/null && echo "$host tcp connects, none refused"
            done
            "$1" --osc-port 9321 --bind :: --audio none --vault none --modules looper 2>&1 | tail -n 1
            cat ready warned
            """);
        var ended = Programs.Run("unshare", folder.Path, Environment.UserName == "root" ? "-n" : "-rn", "bash", folder.Of("in.sh"), Programs.Server, Programs.Ctl);
        if (ended.ExitCode == 77 || ended.Error.Contains("unshare", StringComparison.Ordinal)) Assert.Ignore($"no network of its own here: {ended.Error}");
        TestContext.Out.WriteLine(ended.Output);
        foreach (var host in new[] { "127.0.0.1", "10.9.8.7", "::1", "fd00::7", "[fd00::7]" })
            foreach (var way in new[] { "udp", "tcp" }.Where(w => w == "udp" || host[0] != '['))
                Assert.That(ended.Output.Split('\n').Where(l => l.StartsWith($"{host} {way} ", StringComparison.Ordinal)), Has.Some.Contains("none"), $"{host} {way}");
        Assert.That(ended.Output, Does.Contain("OSC [::]:9321 (UDP, TCP)").And.Contain("listening on [::]: everybody").And.Contain("cannot listen on [::] port 9321"));
    }
}
