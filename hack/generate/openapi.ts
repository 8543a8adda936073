import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Model } from './models.js';

/** A schema of an OpenAPI document, as loose as the document itself; the conversion refuses what it does not know. */
export type OpenApiSchema = Readonly<Record<string, unknown>>;

@Module({})
class EmptyModule {}

/** The OpenAPI schemas of the models, by class name, as the swagger compiler plugin described them. */
export async function describeModels(models: Iterable<Model>): Promise<Record<string, OpenApiSchema>> {
  Logger.overrideLogger(['error', 'warn']);
  const app = await NestFactory.create(EmptyModule);
  try {
    const extraModels = [...models] as (new () => unknown)[];
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build(), { extraModels });
    return { ...document.components?.schemas } as Record<string, OpenApiSchema>;
  } finally {
    await app.close();
  }
}
