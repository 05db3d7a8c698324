using System.CommandLine;
using OscLooper.Server.Realm;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] <c>osclooper new-module NAME</c>: a module project that compiles and sounds, with a test that plays it.</summary>
static class NewModuleCommand
{
    public static Command Make()
    {
        var name = new Argument<string>("NAME") { Description = "Its name, the first part of its addresses: a-z, 0-9 and _" };
        var command = new Command("new-module", "Writes a module project with a test into a new folder NAME (modules/README.md explains it).");
        command.Arguments.Add(name);
        command.SetAction(result => Write(result.GetValue(name)!));
        return command;
    }

    static int Write(string name)
    {
        if (!RealmModule.IsName(name)) return CommandLine.Complain($"{name}: a name is made of a-z, 0-9 and _, and begins with a letter", CommandLine.WrongArguments);
        if (Directory.Exists(name) || File.Exists(name)) return CommandLine.Complain($"{name} exists already", CommandLine.Failed);
        var type = string.Concat(name.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        try
        {
            Directory.CreateDirectory(Path.Combine(name, "tests"));
            foreach (var (file, text) in Files(name, type)) File.WriteAllText(Path.Combine(name, file), text.Replace("NAME", name).Replace("TYPE", type).ReplaceLineEndings("\n"));
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return CommandLine.Complain(trouble.Message, CommandLine.Failed);
        }
        Console.WriteLine($"""
            {name}/{type}Module.cs is a volume knob; make it what you like.
              dotnet test {name}/tests       builds it and plays it sample by sample
              dotnet build {name}            builds it and puts it into the server's modules/
            In a running server:             osclooper-ctl /realm/load {name}      (again after each build: nothing to do, it is exchanged while it sounds)
            """);
        return CommandLine.Well;
    }

    static IEnumerable<(string File, string Text)> Files(string name, string type)
    {
        yield return ("Directory.Build.props", $"""
            <Project>
              <!-- What both projects share. The server's folder is where the contract and the rig for tests lie. -->
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <OscLooperHome Condition="'$(OscLooperHome)' == ''">{AppContext.BaseDirectory}</OscLooperHome>
                <OscLooperModules Condition="'$(OscLooperModules)' == ''">$(OscLooperHome)modules/</OscLooperModules>
              </PropertyGroup>
            </Project>

            """);
        yield return ("Directory.Build.targets", "<Project />\n");
        yield return ("Directory.Packages.props", "<Project />\n");
        yield return ($"{type}.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <Compile Remove="tests/**;bin/**;obj/**" />
                <Reference Include="$(OscLooperHome)OscLooper.Contract.dll" Private="false" />
                <Reference Include="$(OscLooperHome)OscLooper.Dsp.dll" Private="false" />
              </ItemGroup>
              <!-- A running server notices it and exchanges the module while it sounds. -->
              <Target Name="PutIntoModules" AfterTargets="Build">
                <Copy SourceFiles="$(TargetPath)" DestinationFolder="$(OscLooperModules)" />
              </Target>
            </Project>

            """);
        yield return ($"{type}Module.cs", """
            using OscLooper;
            using OscLooper.Dsp;

            namespace TYPE;

            /// <summary>Turns the sound up or down, without a click.</summary>
            [Module("NAME", "Turns the sound up or down.", OnlyWhenNamed = true)]
            public sealed class TYPEModule(Branch at) : Module
            {
                readonly AudioIn input = at.AudioIn("in");
                readonly AudioOut output = at.AudioOut("out");
                readonly Parameter level = at.Parameter("level", Spec.Range(0, 4, 1), "How loud, 1 = as it comes.");
                Ramp gain;

                // Called once before it plays: the place to take memory.
                public override void Prepare(AudioFormat format) => gain = new Ramp(RaisedCosine.Rise(format.RampFrames), (float)level.Value);

                // On the frame of an event. The level has its new value already.
                public override void Handle(in Event e)
                {
                    if (e.Is(level)) gain.Start(e.Frame, (float)level.Value);
                }

                // From one event to the next. Nothing here may allocate, lock, throw or wait.
                public override void Process(in Block block)
                {
                    for (var lane = 0; lane < Math.Min(input.Lanes, output.Lanes); lane++)
                        Mix.AddRamped(block.Out(output, lane), block.In(input, lane), gain, block.Frame);
                }
            }

            """);
        yield return ($"tests/{type}.Tests.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <IsTestProject>true</IsTestProject>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../TYPE.csproj" />
                <Reference Include="$(OscLooperHome)OscLooper.Contract.dll" />
                <Reference Include="$(OscLooperHome)OscLooper.Dsp.dll" />
                <Reference Include="$(OscLooperHome)OscLooper.Osc.dll" />
                <Reference Include="$(OscLooperHome)OscLooper.Server.dll" />
                <Reference Include="$(OscLooperHome)OscLooper.Testing.dll" />
                <PackageReference Include="NUnit" Version="5.0.0" />
                <PackageReference Include="NUnit3TestAdapter" Version="6.3.1" />
                <PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.11.0" />
              </ItemGroup>
            </Project>

            """);
        yield return ($"tests/{type}Tests.cs", """
            using NUnit.Framework;
            using OscLooper.Testing;

            namespace TYPE.Tests;

            public class TYPETests
            {
                static readonly float[] Ones = [.. Enumerable.Repeat(1f, 1024)];

                [Test]
                public void A_level_change_begins_on_its_own_sample([Values(1, 7, 64, 256)] int blockSize)
                {
                    using var rig = Rig.With(at => new TYPEModule(at));
                    rig.SendAt(100, "/NAME/level", 2f);

                    var output = rig.Render(Ones, blockSize);

                    Assert.That(output[99], Is.EqualTo(1f));
                    Assert.That(output[100], Is.GreaterThan(1f));
                    Assert.That(output[^1], Is.EqualTo(2f));
                }
            }

            """);
    }
}
