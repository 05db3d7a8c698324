using System.CommandLine;
using OscLooper.Server.Audio;
using OscLooper.Server.Describe;
using OscLooper.Server.Realm;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] Commands that only show: devices, modules, addresses.</summary>
static class ShowCommands
{
    public static IEnumerable<Command> Make()
    {
        var devices = new Command("devices", "Lists where sound can come from and go to.");
        devices.SetAction(_ => Devices());
        yield return devices;

        var modules = new Command("modules", "Lists the modules that lie beside the program.");
        modules.SetAction(_ => Modules());
        yield return modules;

        var json = new Option<bool>("--json") { Description = "For programs: protocol/addresses.json" };
        var addresses = new Command("addresses", "Prints every address, as in protocol/Addresses.md.");
        addresses.Options.Add(json);
        addresses.SetAction(result => Addresses(result.GetValue(json)));
        yield return addresses;
    }

    static int Modules()
    {
        foreach (var module in ModuleLibrary.List(Trouble))
        {
            Console.WriteLine($"{module.Name,-14} {module.Version,-8} {module.Summary}{(module.OnlyWhenNamed ? $" (loaded only by --modules {module.Name})" : "")}");
            Console.WriteLine($"{"",-14} {module.Path}");
        }
        return CommandLine.Well;
    }

    static int Addresses(bool json)
    {
        using var server = new Server(new ServerOptions { OscPort = 0, Audio = "none", Offline = true });
        server.Logged = (level, line) => { if (level >= LogLevel.Warning) Trouble(line); };
        var entries = AddressBook.Of(server);
        Console.Out.Write(json ? AddressBook.Json(entries) : AddressBook.Markdown(entries));
        return CommandLine.Well;
    }

    static int Devices()
    {
        var devices = AudioDevice.All();
        foreach (var device in devices) Console.WriteLine($"{device.Backend,-10} {device.Inputs,3} in {device.Outputs,3} out   {device.Name}");
        if (devices.Count == 0) Console.WriteLine("none: no JACK server runs and PortAudio has no device (osclooper check shows what could be installed); --audio none works without");
        return CommandLine.Well;
    }

    static void Trouble(string line) => Console.Error.WriteLine($"osclooper: {line}");
}
