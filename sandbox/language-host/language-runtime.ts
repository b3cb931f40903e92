import { type handleUnaryCall, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type {
  AboutRequest,
  AboutResponse,
  GetProgramDependenciesRequest,
  GetProgramDependenciesResponse,
  GetRequiredPackagesRequest,
  GetRequiredPackagesResponse,
  GetRequiredPluginsRequest,
  GetRequiredPluginsResponse,
  LanguageHandshakeRequest,
  LanguageHandshakeResponse,
  ProgramInfo,
  RunRequest,
  RunResponse,
  RuntimeOptionsRequest,
  RuntimeOptionsResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";

import { installDependencies } from "./install-dependencies.ts";
import { programDependencies } from "./program-dependencies.ts";
import { programProcess, type RuntimeOptions } from "./program-process.ts";
import { type RequiredPackage, requiredPackages } from "./required-packages.ts";
import { runPlugin } from "./run-plugin.ts";
import { runProgram } from "./run-program.ts";

/**
 * The engine's contract with a language, for Node: `LanguageRuntime` of the SDK's own protocol files.
 *
 * Covers what running a program and a policy pack needs. Code generation, packing, linking and other plugins written in
 * Node are left out; the engine gets "unimplemented" for them, as it does from any host older than those calls.
 *
 * @param engineAddress Where the engine listens; the program sends its log messages there.
 */
export function languageRuntime(engineAddress: string): UntypedServiceImplementation {
  return {
    handshake: unary<LanguageHandshakeRequest, LanguageHandshakeResponse>(
      () => new languageMessages.LanguageHandshakeResponse(),
    ),
    getPluginInfo: unary<unknown, PluginInfo>(() => new pluginMessages.PluginInfo().setVersion(process.versions.node)),
    getRequiredPlugins: unary<GetRequiredPluginsRequest, GetRequiredPluginsResponse>((request) => {
      const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
      return new languageMessages.GetRequiredPluginsResponse().setPluginsList(
        requiredPackages(directory).map(pluginDependency),
      );
    }),
    getRequiredPackages: unary<GetRequiredPackagesRequest, GetRequiredPackagesResponse>((request) =>
      new languageMessages.GetRequiredPackagesResponse().setPackagesList(
        requiredPackages(programDirectory(request.getInfo())).map(packageDependency),
      ),
    ),
    getProgramDependencies: unary<GetProgramDependenciesRequest, GetProgramDependenciesResponse>((request) =>
      new languageMessages.GetProgramDependenciesResponse().setDependenciesList(
        programDependencies(programDirectory(request.getInfo()), request.getTransitivedependencies()).map(
          ({ name, version }) => new languageMessages.DependencyInfo().setName(name).setVersion(version),
        ),
      ),
    ),
    about: unary<AboutRequest, AboutResponse>(() =>
      new languageMessages.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    ),
    runtimeOptionsPrompts: unary<RuntimeOptionsRequest, RuntimeOptionsResponse>(
      () => new languageMessages.RuntimeOptionsResponse(),
    ),
    run: runCall(engineAddress),
    installDependencies,
    runPlugin,
  };
}

/** Runs the program; a call the engine gives up on takes the program with it. */
function runCall(engineAddress: string): handleUnaryCall<RunRequest, RunResponse> {
  return (call, respond) => {
    const request = call.request;
    const info = request.getInfo();
    const given = new AbortController();
    call.on("cancelled", () => {
      given.abort();
    });
    const program = programProcess({
      engineAddress,
      monitorAddress: request.getMonitorAddress(),
      organization: request.getOrganization(),
      project: request.getProject(),
      stack: request.getStack(),
      rootDirectory: info?.getRootDirectory() ?? request.getPwd(),
      workingDirectory: request.getPwd(),
      programDirectory: programDirectory(info),
      entryPoint: info?.getEntryPoint() ?? request.getProgram(),
      args: request.getArgsList(),
      config: Object.fromEntries(request.getConfigMap().getEntryList()),
      configSecretKeys: request.getConfigsecretkeysList(),
      dryRun: request.getDryrun(),
      parallel: request.getParallel(),
      options: runtimeOptions(info),
    });
    runProgram(program, given.signal).then(
      ({ error, bail }) => {
        respond(null, new languageMessages.RunResponse().setError(error).setBail(bail));
      },
      (error: unknown) => {
        respond({ code: status.INTERNAL, details: messageOf(error) });
      },
    );
  };
}

/** Turns a plain function into a call handler; what it throws becomes the call's error. */
function unary<Request, Response>(answer: (request: Request) => Response): handleUnaryCall<Request, Response> {
  return (call, respond) => {
    try {
      respond(null, answer(call.request));
    } catch (error) {
      respond({ code: status.FAILED_PRECONDITION, details: messageOf(error) });
    }
  };
}

function programDirectory(info: ProgramInfo | undefined): string {
  return info?.getProgramDirectory() ?? process.cwd();
}

function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  return info?.getOptions()?.toJavaScript() ?? {};
}

function pluginDependency(required: RequiredPackage) {
  return new pluginMessages.PluginDependency()
    .setKind("resource")
    .setName(required.name)
    .setVersion(required.version)
    .setServer(required.server);
}

function packageDependency(required: RequiredPackage) {
  return new pluginMessages.PackageDependency()
    .setKind("resource")
    .setName(required.name)
    .setVersion(required.version)
    .setServer(required.server);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
